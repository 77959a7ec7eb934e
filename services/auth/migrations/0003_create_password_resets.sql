-- Somebody asked for a reset. Whether anybody has the address is looked up by a loop, so that nobody can
-- tell by the answer or by its time.
CREATE TABLE password_reset_request (
    password_reset_request_id bigint GENERATED ALWAYS AS IDENTITY
        CONSTRAINT password_reset_request_pkey PRIMARY KEY,
    email_key text NOT NULL
);

-- One link for each person: a new one takes the place of the older.
CREATE TABLE password_reset (
    account_id uuid
        CONSTRAINT password_reset_pkey PRIMARY KEY
        CONSTRAINT password_reset_account_id_fkey REFERENCES account (account_id) ON DELETE CASCADE,
    token_hash bytea NOT NULL CONSTRAINT password_reset_token_hash_unique UNIQUE,
    expires_at timestamptz NOT NULL
);

CREATE INDEX password_reset_expires_at_idx ON password_reset (expires_at);

-- The address that a person wants to have, until its link is confirmed.
CREATE TABLE email_change (
    account_id uuid
        CONSTRAINT email_change_pkey PRIMARY KEY
        CONSTRAINT email_change_account_id_fkey REFERENCES account (account_id) ON DELETE CASCADE,
    token_hash bytea NOT NULL CONSTRAINT email_change_token_hash_unique UNIQUE,
    email text NOT NULL,
    expires_at timestamptz NOT NULL
);

CREATE INDEX email_change_expires_at_idx ON email_change (expires_at);

-- What the operator has set; one row or none.
CREATE TABLE password_rule (
    is_only_row boolean
        CONSTRAINT password_rule_pkey PRIMARY KEY CONSTRAINT password_rule_is_one CHECK (is_only_row),
    minimum_length bigint NOT NULL
        CONSTRAINT password_rule_minimum_length_sane CHECK (minimum_length BETWEEN 6 AND 64)
);
