-- The recipients, as other services tell them.
CREATE TABLE account (
    account_id uuid CONSTRAINT account_pkey PRIMARY KEY,
    role text NOT NULL,
    name text NOT NULL,
    email text NOT NULL,
    locale text NOT NULL,
    customer_number text NOT NULL,
    contact_id text NOT NULL,
    clerk_code text NOT NULL,
    may_approve boolean NOT NULL,
    revision bigint NOT NULL
);

CREATE INDEX account_customer_number_idx ON account (customer_number);
CREATE INDEX account_clerk_code_idx ON account (clerk_code);

CREATE TABLE customer (
    customer_number text CONSTRAINT customer_pkey PRIMARY KEY,
    name text NOT NULL,
    email text NOT NULL,
    revision bigint NOT NULL
);

CREATE TABLE contact (
    customer_number text NOT NULL
        CONSTRAINT contact_customer_number_fkey REFERENCES customer (customer_number) ON DELETE CASCADE,
    contact_id text NOT NULL,
    name text NOT NULL,
    email text NOT NULL,
    CONSTRAINT contact_pkey PRIMARY KEY (customer_number, contact_id)
);

CREATE TABLE clerk (
    clerk_code text CONSTRAINT clerk_pkey PRIMARY KEY,
    name text NOT NULL,
    email text NOT NULL,
    phone text NOT NULL,
    picture jsonb,
    revision bigint NOT NULL
);

-- What was heard and becomes mails: the event as it was told.
CREATE TABLE approval_request (
    version_id uuid CONSTRAINT approval_request_pkey PRIMARY KEY,
    document_id uuid NOT NULL,
    event jsonb NOT NULL,
    heard_at timestamptz NOT NULL,
    composed_at timestamptz
);

CREATE INDEX approval_request_waiting_idx ON approval_request (heard_at) WHERE composed_at IS NULL;

CREATE TABLE decision (
    decision_id uuid CONSTRAINT decision_pkey PRIMARY KEY,
    version_id uuid NOT NULL,
    event jsonb NOT NULL,
    heard_at timestamptz NOT NULL,
    composed_at timestamptz
);

CREATE INDEX decision_waiting_idx ON decision (heard_at) WHERE composed_at IS NULL;
CREATE INDEX decision_version_id_idx ON decision (version_id);

-- One row is one mail to one recipient. `recipient` is the address of the envelope, empty where there is none;
-- `shown_to` is what stands in the header, which differs in a clerk's copy.
CREATE TABLE mail (
    mail_id uuid CONSTRAINT mail_pkey PRIMARY KEY,
    cause text NOT NULL,
    recipient text NOT NULL,
    template text NOT NULL,
    version_ids uuid[] NOT NULL,
    shown_from jsonb NOT NULL,
    shown_to jsonb NOT NULL,
    reply_to jsonb,
    subject text NOT NULL,
    body_text text NOT NULL,
    body_html text NOT NULL,
    pictures jsonb NOT NULL,
    attachments jsonb NOT NULL,
    state text NOT NULL CONSTRAINT mail_state_known CHECK (state IN ('queued', 'sent', 'failed')),
    reason text NOT NULL,
    queued_at timestamptz NOT NULL,
    due_at timestamptz NOT NULL,
    attempts bigint NOT NULL,
    ended_at timestamptz,
    CONSTRAINT mail_cause_recipient_unique UNIQUE (cause, recipient),
    CONSTRAINT mail_ended_with_state CHECK ((state = 'queued') = (ended_at IS NULL)),
    CONSTRAINT mail_failed_with_reason CHECK ((state = 'failed') = (reason <> '')),
    CONSTRAINT mail_queued_with_recipient CHECK (state = 'failed' OR recipient <> '')
);

CREATE INDEX mail_queued_idx ON mail (due_at) WHERE state = 'queued';

-- An attempt without an outcome was cut off: its process died.
CREATE TABLE mail_attempt (
    mail_attempt_id bigint GENERATED ALWAYS AS IDENTITY CONSTRAINT mail_attempt_pkey PRIMARY KEY,
    mail_id uuid NOT NULL
        CONSTRAINT mail_attempt_mail_id_fkey REFERENCES mail (mail_id) ON DELETE CASCADE,
    started_at timestamptz NOT NULL,
    ended_at timestamptz,
    outcome text CONSTRAINT mail_attempt_outcome_known CHECK (outcome IN ('accepted', 'postponed', 'refused')),
    answer text NOT NULL,
    CONSTRAINT mail_attempt_ended_with_outcome CHECK ((outcome IS NULL) = (ended_at IS NULL))
);

CREATE INDEX mail_attempt_mail_id_idx ON mail_attempt (mail_id);
