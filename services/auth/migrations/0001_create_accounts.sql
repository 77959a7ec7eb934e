CREATE TABLE account (
    account_id uuid CONSTRAINT account_pkey PRIMARY KEY,
    role text NOT NULL CONSTRAINT account_role_known CHECK (role IN ('customer', 'clerk', 'operator')),
    name text NOT NULL CONSTRAINT account_name_given CHECK (name <> ''),
    email text NOT NULL,
    -- The address as it is compared: whoever types it differently is the same person.
    email_key text NOT NULL CONSTRAINT account_email_key_unique UNIQUE,
    password_hash text NOT NULL,
    locale text NOT NULL CONSTRAINT account_locale_known CHECK (locale IN ('de', 'en')),
    customer_number text NOT NULL,
    contact_id text NOT NULL,
    clerk_code text NOT NULL,
    may_approve boolean NOT NULL,
    revision bigint NOT NULL,
    created_at timestamptz NOT NULL,
    disabled_at timestamptz,
    CONSTRAINT account_of_customer_has_number CHECK ((role = 'customer') = (customer_number <> '')),
    CONSTRAINT account_of_clerk_has_code CHECK (role <> 'clerk' OR clerk_code <> '')
);

CREATE TABLE session (
    token_hash bytea CONSTRAINT session_pkey PRIMARY KEY,
    account_id uuid NOT NULL
        CONSTRAINT session_account_id_fkey REFERENCES account (account_id) ON DELETE CASCADE,
    started_at timestamptz NOT NULL,
    idle_until timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    CONSTRAINT session_ends_in_time CHECK (idle_until <= expires_at)
);

CREATE INDEX session_account_id_idx ON session (account_id);
CREATE INDEX session_idle_until_idx ON session (idle_until);

-- Failed log-ins. The key is a keyed hash of what is counted: no addresses lie here.
CREATE TABLE throttle (
    throttle_key text CONSTRAINT throttle_pkey PRIMARY KEY,
    failures bigint NOT NULL,
    last_failed_at timestamptz NOT NULL,
    blocked_until timestamptz
);

CREATE INDEX throttle_last_failed_at_idx ON throttle (last_failed_at);

-- Networks from which an account has logged in: strangers elsewhere cannot keep it out of there.
CREATE TABLE known_network (
    account_id uuid NOT NULL
        CONSTRAINT known_network_account_id_fkey REFERENCES account (account_id) ON DELETE CASCADE,
    network_key text NOT NULL,
    last_used_at timestamptz NOT NULL,
    CONSTRAINT known_network_pkey PRIMARY KEY (account_id, network_key)
);

CREATE INDEX known_network_last_used_at_idx ON known_network (last_used_at);

-- One-time links that create the first operator.
CREATE TABLE setup_token (
    token_hash bytea CONSTRAINT setup_token_pkey PRIMARY KEY,
    expires_at timestamptz NOT NULL
);
