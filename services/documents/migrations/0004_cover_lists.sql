-- A list is counted and put in order by an index alone; only the rows of its page are fetched.
-- Migrations run in a transaction, before the service answers: no index can go concurrently.

-- squawk-ignore require-concurrent-index-deletion
DROP INDEX document_customer_number_index;
CREATE INDEX document_customer_number_index
    ON document (customer_number, kind, document_date DESC, number_key DESC, document_id)
    INCLUDE (status_group_id, open_amount, due_date, gross_total);

-- squawk-ignore require-concurrent-index-deletion
DROP INDEX document_kind_index;
CREATE INDEX document_kind_index
    ON document (kind, document_date DESC, number_key DESC, document_id)
    INCLUDE (status_group_id, open_amount, due_date, gross_total);
