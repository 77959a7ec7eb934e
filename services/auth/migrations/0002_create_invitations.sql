ALTER TABLE account ADD COLUMN last_login_at timestamptz;

-- As people search: without case, accents and ß, and "ue" is as good as "ü". Both sides go through it.
CREATE FUNCTION folded(words text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE STRICT
RETURN replace(replace(replace(replace(
    translate(
        lower(normalize(words, NFKC)),
        'ÄÖÜÀÁÂÃÅÉÈÊËÍÌÎÏÓÒÔÕÚÙÛÇÑŠŽäöüàáâãåéèêëíìîïóòôõúùûçñšž',
        'aouaaaaaeeeeiiiioooouuucnszaouaaaaaeeeeiiiioooouuucnsz'
    ),
    'ß', 'ss'), 'ae', 'a'), 'oe', 'o'), 'ue', 'u');

-- What CDH tells of customers, as far as invitations and lists need it; it may come after their accounts.
CREATE TABLE customer (
    customer_number text CONSTRAINT customer_pkey PRIMARY KEY,
    name text NOT NULL,
    email text NOT NULL,
    contacts jsonb NOT NULL,
    revision bigint NOT NULL
);

-- `clerk_code` is that of an invited clerk, `inviter_…` are of who invites.
CREATE TABLE invitation (
    invitation_id uuid CONSTRAINT invitation_pkey PRIMARY KEY,
    role text NOT NULL CONSTRAINT invitation_role_known CHECK (role IN ('customer', 'clerk', 'operator')),
    customer_number text NOT NULL,
    contact_id text NOT NULL,
    clerk_code text NOT NULL,
    name text NOT NULL,
    email text NOT NULL,
    email_key text NOT NULL,
    may_approve boolean NOT NULL,
    locale text NOT NULL CONSTRAINT invitation_locale_known CHECK (locale IN ('de', 'en')),
    inviter_code text NOT NULL,
    inviter_name text NOT NULL,
    invited_at timestamptz NOT NULL,
    told_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    accepted_at timestamptz,
    cancelled_at timestamptz,
    -- Who accepted; with his account the invitation is forgotten, too.
    account_id uuid CONSTRAINT invitation_account_id_fkey REFERENCES account (account_id) ON DELETE CASCADE,
    CONSTRAINT invitation_of_customer_has_number CHECK ((role = 'customer') = (customer_number <> '')),
    CONSTRAINT invitation_of_clerk_has_code CHECK (role <> 'clerk' OR clerk_code <> ''),
    CONSTRAINT invitation_has_one_end CHECK (accepted_at IS NULL OR cancelled_at IS NULL),
    CONSTRAINT invitation_accepted_by_account CHECK ((accepted_at IS NULL) = (account_id IS NULL))
);

-- One person has one open invitation at a customer, however often it is told.
CREATE UNIQUE INDEX invitation_unanswered_unique ON invitation (customer_number, email_key)
    WHERE accepted_at IS NULL AND cancelled_at IS NULL;
CREATE INDEX invitation_account_id_idx ON invitation (account_id);

-- Each telling has a link of its own; all end with the invitation.
CREATE TABLE invitation_link (
    token_hash bytea CONSTRAINT invitation_link_pkey PRIMARY KEY,
    invitation_id uuid NOT NULL
        CONSTRAINT invitation_link_invitation_id_fkey
        REFERENCES invitation (invitation_id) ON DELETE CASCADE,
    expires_at timestamptz NOT NULL
);

CREATE INDEX invitation_link_invitation_id_idx ON invitation_link (invitation_id);
CREATE INDEX invitation_link_expires_at_idx ON invitation_link (expires_at);

-- Accepted with another address than the invited one: this is what becomes an account once it is confirmed.
CREATE TABLE pending_registration (
    invitation_id uuid
        CONSTRAINT pending_registration_pkey PRIMARY KEY
        CONSTRAINT pending_registration_invitation_id_fkey
        REFERENCES invitation (invitation_id) ON DELETE CASCADE,
    token_hash bytea NOT NULL CONSTRAINT pending_registration_token_hash_unique UNIQUE,
    name text NOT NULL,
    email text NOT NULL,
    locale text NOT NULL,
    password_hash text NOT NULL,
    expires_at timestamptz NOT NULL
);

CREATE INDEX pending_registration_expires_at_idx ON pending_registration (expires_at);

-- Invitations that events ask for, until the loop makes them: a handler has no keys to seal a token with.
CREATE TABLE invitation_request (
    invitation_request_id bigint GENERATED ALWAYS AS IDENTITY
        CONSTRAINT invitation_request_pkey PRIMARY KEY,
    customer_number text NOT NULL,
    contact_id text NOT NULL,
    name text NOT NULL,
    email text NOT NULL,
    locale text NOT NULL,
    clerk_code text NOT NULL,
    request_cause text NOT NULL
);
