-- What CDH tells and the portal shows. Nothing refers to a table that another event fills: customers,
-- clerks, statuses and documents may arrive in any order, and a document is never lost for that.

CREATE TABLE customer (
    customer_number text CONSTRAINT customer_pkey PRIMARY KEY,
    record_number text NOT NULL,
    name text NOT NULL,
    address text NOT NULL,
    email text NOT NULL,
    invoice_email text NOT NULL,
    contacts jsonb NOT NULL,
    revision bigint NOT NULL
);

CREATE TABLE clerk (
    clerk_code text CONSTRAINT clerk_pkey PRIMARY KEY,
    name text NOT NULL,
    email text NOT NULL,
    phone text NOT NULL,
    picture_sha256 text NOT NULL,
    picture_name text NOT NULL,
    picture_media_type text NOT NULL,
    revision bigint NOT NULL
);

CREATE TABLE status_group (
    group_id text CONSTRAINT status_group_pkey PRIMARY KEY,
    kind text NOT NULL
        CONSTRAINT status_group_kind_check
        CHECK (kind IN ('quote', 'order', 'delivery_note', 'invoice', 'credit_note')),
    name text NOT NULL,
    step bigint NOT NULL,
    negative boolean NOT NULL,
    is_default boolean NOT NULL DEFAULT FALSE,
    revision bigint NOT NULL
);

CREATE TABLE status (
    status_id text CONSTRAINT status_pkey PRIMARY KEY,
    group_id text NOT NULL CONSTRAINT status_group_id_check CHECK (group_id <> ''),
    name text NOT NULL,
    workflow boolean NOT NULL,
    is_default boolean NOT NULL DEFAULT FALSE,
    revision bigint NOT NULL
);

-- `status_…` is what status_entry and the statuses amount to, computed whenever one of them changes:
-- it costs the writer little, and every page and list that only reads gets it for nothing.
CREATE TABLE document (
    document_id uuid CONSTRAINT document_pkey PRIMARY KEY,
    kind text NOT NULL
        CONSTRAINT document_kind_check
        CHECK (kind IN ('quote', 'order', 'delivery_note', 'invoice', 'credit_note')),
    number text NOT NULL,
    external_id text NOT NULL,
    customer_number text NOT NULL,
    contact_id text NOT NULL,
    clerk_code text NOT NULL,
    subject text NOT NULL,
    customer_reference text NOT NULL,
    document_date date NOT NULL,
    due_date date,
    delivery_date date,
    currency text NOT NULL,
    net_total numeric,
    tax_total numeric,
    gross_total numeric,
    open_amount numeric,
    status_label text NOT NULL DEFAULT '',
    status_partial boolean NOT NULL DEFAULT FALSE,
    status_negative boolean NOT NULL DEFAULT FALSE,
    status_steps jsonb NOT NULL DEFAULT '[]',
    revision bigint NOT NULL,
    CONSTRAINT document_kind_number_external_id_key UNIQUE (kind, number, external_id)
);
CREATE INDEX document_customer_number_index
    ON document (customer_number, kind, document_date DESC, number DESC);
CREATE INDEX document_document_date_index ON document (document_date DESC, number DESC);

CREATE TABLE position (
    position_id uuid CONSTRAINT position_pkey PRIMARY KEY,
    document_id uuid NOT NULL
        CONSTRAINT position_document_id_fkey REFERENCES document ON DELETE CASCADE,
    ordinal bigint NOT NULL,
    position_key text NOT NULL,
    number text NOT NULL,
    article_number text NOT NULL,
    text text NOT NULL,
    description text NOT NULL,
    quantity numeric NOT NULL,
    unit text NOT NULL,
    unit_price numeric,
    discount_percent numeric NOT NULL,
    net_total numeric,
    colour text NOT NULL,
    size text NOT NULL,
    finishing text NOT NULL,
    status text NOT NULL DEFAULT '',
    CONSTRAINT position_document_id_ordinal_key UNIQUE (document_id, ordinal)
);

-- A history: entries are added, never changed and never taken away. `ordinal` settles equal times.
CREATE TABLE status_entry (
    document_id uuid NOT NULL
        CONSTRAINT status_entry_document_id_fkey REFERENCES document ON DELETE CASCADE,
    entry_id text NOT NULL,
    ordinal bigint GENERATED ALWAYS AS IDENTITY,
    status_id text NOT NULL,
    position_keys text[] NOT NULL,
    entered_at timestamptz NOT NULL,
    author text NOT NULL,
    CONSTRAINT status_entry_pkey PRIMARY KEY (document_id, entry_id)
);
CREATE INDEX status_entry_status_id_index ON status_entry (status_id);

-- Which documents belong together (a quote and its order, an order and its invoices), as told by one
-- of the two; the other may not be there yet.
CREATE TABLE document_relation (
    document_id uuid NOT NULL
        CONSTRAINT document_relation_document_id_fkey REFERENCES document ON DELETE CASCADE,
    related_id uuid NOT NULL,
    CONSTRAINT document_relation_pkey PRIMARY KEY (document_id, related_id)
);
CREATE INDEX document_relation_related_id_index ON document_relation (related_id);

CREATE FUNCTION refuse_to_delete_default() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the default % cannot be deleted', TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
END
$$;
CREATE TRIGGER status_group_keep_default BEFORE DELETE ON status_group
    FOR EACH ROW WHEN (old.is_default) EXECUTE FUNCTION refuse_to_delete_default();
CREATE TRIGGER status_keep_default BEFORE DELETE ON status
    FOR EACH ROW WHEN (old.is_default) EXECUTE FUNCTION refuse_to_delete_default();

-- Revision 0: whatever CDH tells about these groups and statuses is newer.
INSERT INTO status_group (group_id, kind, name, step, negative, is_default, revision)
VALUES
    ('quote.created', 'quote', 'Angelegt', 1, FALSE, TRUE, 0),
    ('quote.sent', 'quote', 'Verschickt', 2, FALSE, TRUE, 0),
    ('quote.deciding', 'quote', 'Entscheidungsphase', 3, FALSE, TRUE, 0),
    ('quote.converted', 'quote', 'Gewandelt', 4, FALSE, TRUE, 0),
    ('quote.declined', 'quote', 'Abgelehnt', 5, TRUE, TRUE, 0),
    ('order.created', 'order', 'Angelegt', 1, FALSE, TRUE, 0),
    ('order.confirmed', 'order', 'Bestätigt', 2, FALSE, TRUE, 0),
    ('order.released', 'order', 'Freigegeben', 3, FALSE, TRUE, 0),
    ('order.delivered', 'order', 'Geliefert', 4, FALSE, TRUE, 0),
    ('order.invoiced', 'order', 'Fakturiert', 5, FALSE, TRUE, 0);

INSERT INTO status (status_id, group_id, name, workflow, is_default, revision)
SELECT group_id, group_id, name, FALSE, TRUE, 0 FROM status_group;
