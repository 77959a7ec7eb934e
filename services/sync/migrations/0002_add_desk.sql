-- Assignments from the desk are accepted like CDH's, without an API key; nobody reads the column.
-- squawk-ignore ban-drop-not-null
ALTER TABLE accepted_event ALTER COLUMN api_key_id DROP NOT NULL;

-- Whether a person of the customer can be invited: no addresses, only where there is one.
CREATE TABLE known_customer (
    customer_number text CONSTRAINT known_customer_pkey PRIMARY KEY,
    has_email boolean NOT NULL,
    contact_ids text[] NOT NULL,
    contact_ids_with_email text[] NOT NULL
);
