-- The entry for CDH: who may knock, what was taken, and what goes into the order folder.

CREATE TABLE api_key (
    api_key_id bigint GENERATED ALWAYS AS IDENTITY CONSTRAINT api_key_pkey PRIMARY KEY,
    name text NOT NULL,
    key_hash bytea NOT NULL CONSTRAINT api_key_key_hash_key UNIQUE,
    created_by text NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    last_used_at timestamptz,
    revoked_at timestamptz
);

-- Events that were accepted. A refused one leaves no row: corrected, it may come again under its id.
CREATE TABLE accepted_event (
    source text NOT NULL,
    event_id text NOT NULL,
    type text NOT NULL,
    api_key_id bigint NOT NULL CONSTRAINT accepted_event_api_key_id_fkey REFERENCES api_key,
    accepted_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT accepted_event_pkey PRIMARY KEY (source, event_id)
);

-- Each entity that is told gets the next number; a hearer ignores what is older than what it has.
CREATE SEQUENCE revision AS bigint;

-- What later events refer to, and no more: what is shown belongs to the service documents.
CREATE TABLE known_clerk (
    clerk_code text CONSTRAINT known_clerk_pkey PRIMARY KEY
);

CREATE TABLE known_status_group (
    group_id text CONSTRAINT known_status_group_pkey PRIMARY KEY,
    kind text NOT NULL
);

CREATE TABLE known_order (
    order_number text CONSTRAINT known_order_pkey PRIMARY KEY,
    order_date date NOT NULL
);

-- What the inspection found in a file; `fault` is empty for one that may be used.
CREATE TABLE inspected_file (
    sha256 text CONSTRAINT inspected_file_pkey PRIMARY KEY,
    size bigint NOT NULL,
    format text NOT NULL,
    fault text NOT NULL,
    inspected_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT inspected_file_format_or_fault_check CHECK ((format = '') <> (fault = ''))
);

-- One sample is (order, positions, title), which its id is made of; `version` is its newest.
CREATE TABLE sample (
    sample_id uuid CONSTRAINT sample_pkey PRIMARY KEY,
    order_number text NOT NULL,
    position_numbers text[] NOT NULL,
    title text NOT NULL,
    version bigint NOT NULL CONSTRAINT sample_version_check CHECK (version >= 0),
    sha256 text NOT NULL
);

CREATE TABLE order_folder_file (
    file_id uuid CONSTRAINT order_folder_file_pkey PRIMARY KEY,
    order_number text NOT NULL,
    name text NOT NULL,
    sha256 text NOT NULL,
    state text NOT NULL DEFAULT 'waiting'
        CONSTRAINT order_folder_file_state_check CHECK (state IN ('waiting', 'written')),
    written_as text NOT NULL DEFAULT '',
    attempts bigint NOT NULL DEFAULT 0,
    next_attempt_at timestamptz NOT NULL DEFAULT now(),
    last_fault text NOT NULL DEFAULT '',
    added_at timestamptz NOT NULL DEFAULT now(),
    written_at timestamptz,
    CONSTRAINT order_folder_file_written_check
        CHECK ((state = 'written') = (written_at IS NOT NULL) AND (state = 'written') = (written_as <> ''))
);
CREATE INDEX order_folder_file_waiting_index ON order_folder_file (next_attempt_at) WHERE state = 'waiting';

-- The default status groups, which every CDH has; the service documents ships the same.
INSERT INTO known_status_group (group_id, kind)
VALUES
    ('quote.created', 'quote'),
    ('quote.sent', 'quote'),
    ('quote.deciding', 'quote'),
    ('quote.converted', 'quote'),
    ('quote.declined', 'quote'),
    ('order.created', 'order'),
    ('order.confirmed', 'order'),
    ('order.released', 'order'),
    ('order.delivered', 'order'),
    ('order.invoiced', 'order');
