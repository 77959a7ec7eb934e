-- What approvals knows of CDH's orders and customers, told by sync.

CREATE TABLE cdh_order (
    document_id     uuid   CONSTRAINT cdh_order_pkey PRIMARY KEY,
    number          text   NOT NULL,
    customer_number text   NOT NULL,
    contact_id      text   NOT NULL,
    clerk_code      text   NOT NULL,
    positions       jsonb  NOT NULL,
    revision        bigint NOT NULL
);
CREATE INDEX cdh_order_number_idx ON cdh_order (number);
CREATE INDEX cdh_order_customer_number_idx ON cdh_order (customer_number);

CREATE TABLE customer (
    customer_number text   CONSTRAINT customer_pkey PRIMARY KEY,
    name            text   NOT NULL,
    revision        bigint NOT NULL
);

-- One file of a sample, and what became of it.

CREATE TABLE version (
    version_id       uuid        CONSTRAINT version_pkey PRIMARY KEY,
    sample_id        uuid        NOT NULL,
    version          integer     NOT NULL CONSTRAINT version_version_check CHECK (version > 0),
    title            text        NOT NULL,
    state            text        NOT NULL CONSTRAINT version_state_check CHECK (state IN (
                         'waiting_for_order', 'preparing', 'pending', 'approved', 'approved_with_changes',
                         'changes_requested', 'superseded', 'outdated')),
    order_number     text        NOT NULL,
    position_numbers text[]      NOT NULL,
    document_id      uuid        CONSTRAINT version_document_id_fkey REFERENCES cdh_order (document_id),
    file_sha256      text        NOT NULL,
    file_name        text        NOT NULL,
    file_media_type  text        NOT NULL,
    file_size        bigint      NOT NULL,
    print_details    jsonb       NOT NULL,
    clerk_code       text        NOT NULL,
    assigned_at      timestamptz NOT NULL,
    page_count       integer     NOT NULL DEFAULT 0,
    preview_sha256   text        NOT NULL DEFAULT '',
    preview_size     bigint      NOT NULL DEFAULT 0,
    requested_at     timestamptz,
    seen_at          timestamptz,
    mail_state       text        NOT NULL DEFAULT ''
                         CONSTRAINT version_mail_state_check CHECK (mail_state IN ('', 'queued', 'sent', 'failed')),
    mail_state_at    timestamptz,
    changed          jsonb       NOT NULL DEFAULT '[]',
    CONSTRAINT version_sample_id_version_key UNIQUE (sample_id, version),
    CONSTRAINT version_order_check CHECK (
        state = 'superseded' OR (state = 'waiting_for_order') = (document_id IS NULL)),
    CONSTRAINT version_requested_check CHECK (
        state IN ('waiting_for_order', 'preparing', 'superseded') OR requested_at IS NOT NULL)
);
-- Of each sample one version at most can be decided.
CREATE UNIQUE INDEX version_newest_key ON version (sample_id) WHERE state <> 'superseded';
CREATE INDEX version_document_id_idx ON version (document_id);
CREATE INDEX version_state_idx ON version (state, assigned_at DESC);
CREATE INDEX version_waiting_idx ON version (order_number) WHERE state = 'waiting_for_order';

-- The pictures of its pages, in the storage. Width and height of the large one in pixels.

CREATE TABLE page (
    version_id   uuid    NOT NULL CONSTRAINT page_version_id_fkey REFERENCES version (version_id),
    number       integer NOT NULL CONSTRAINT page_number_check CHECK (number > 0),
    width        integer NOT NULL,
    height       integer NOT NULL,
    large_sha256 text    NOT NULL,
    thumb_sha256 text    NOT NULL,
    CONSTRAINT page_pkey PRIMARY KEY (version_id, number)
);

-- The intent to make them. `due_at` is also the lease of the process that is at it.

CREATE TABLE preparation (
    version_id uuid        CONSTRAINT preparation_pkey PRIMARY KEY
                           CONSTRAINT preparation_version_id_fkey REFERENCES version (version_id),
    attempts   integer     NOT NULL DEFAULT 0,
    due_at     timestamptz NOT NULL DEFAULT now(),
    failure    text        NOT NULL DEFAULT '',
    done_at    timestamptz
);
CREATE INDEX preparation_due_at_idx ON preparation (due_at) WHERE done_at IS NULL;

-- What was decided, once per version: complete in itself, never changed, never deleted.

CREATE TABLE decision (
    decision_id           uuid        CONSTRAINT decision_pkey PRIMARY KEY,
    version_id            uuid        NOT NULL CONSTRAINT decision_version_id_fkey REFERENCES version (version_id)
                                      CONSTRAINT decision_version_id_key UNIQUE,
    decision              text        NOT NULL CONSTRAINT decision_decision_check CHECK (decision IN (
                              'approved', 'approved_with_changes', 'changes_requested')),
    decided_at            timestamptz NOT NULL,
    order_number          text        NOT NULL,
    position_numbers      text[]      NOT NULL,
    positions             jsonb       NOT NULL,
    file_name             text        NOT NULL,
    version               integer     NOT NULL,
    sha256                text        NOT NULL,
    customer_number       text        NOT NULL,
    company               text        NOT NULL,
    account_id            uuid        NOT NULL,
    person_name           text        NOT NULL,
    person_email          text        NOT NULL,
    locale                text        NOT NULL,
    comment               text        NOT NULL,
    approval_text         text        NOT NULL,
    approval_text_version text        NOT NULL,
    CONSTRAINT decision_comment_check CHECK (decision = 'approved' OR comment <> ''),
    CONSTRAINT decision_approval_text_check CHECK (
        (decision = 'changes_requested') = (approval_text = '')
        AND (approval_text = '') = (approval_text_version = ''))
);

-- The address the decision came from: the only part of it that goes away, after `erase_at`.

CREATE TABLE decision_network_address (
    decision_id     uuid        CONSTRAINT decision_network_address_pkey PRIMARY KEY
                                CONSTRAINT decision_network_address_decision_id_fkey REFERENCES decision (decision_id),
    network_address text        NOT NULL,
    erase_at        timestamptz NOT NULL
);
CREATE INDEX decision_network_address_erase_at_idx ON decision_network_address (erase_at);

-- The intent to make the Freigabeprotokoll, and where it lies.

CREATE TABLE approval_record (
    decision_id uuid        CONSTRAINT approval_record_pkey PRIMARY KEY
                            CONSTRAINT approval_record_decision_id_fkey REFERENCES decision (decision_id),
    attempts    integer     NOT NULL DEFAULT 0,
    due_at      timestamptz NOT NULL DEFAULT now(),
    failure     text        NOT NULL DEFAULT '',
    done_at     timestamptz,
    sha256      text        NOT NULL DEFAULT '',
    name        text        NOT NULL DEFAULT '',
    size        bigint      NOT NULL DEFAULT 0,
    CONSTRAINT approval_record_done_check CHECK ((done_at IS NULL) = (sha256 = ''))
);
CREATE INDEX approval_record_due_at_idx ON approval_record (due_at) WHERE done_at IS NULL;

-- What happened to a version, a row for each step.

CREATE TABLE audit_entry (
    audit_entry_id bigint      GENERATED ALWAYS AS IDENTITY CONSTRAINT audit_entry_pkey PRIMARY KEY,
    version_id     uuid        NOT NULL CONSTRAINT audit_entry_version_id_fkey REFERENCES version (version_id),
    kind           text        NOT NULL CONSTRAINT audit_entry_kind_check CHECK (kind IN (
                       'assigned', 'order_found', 'prepared', 'requested', 'mail_sent', 'mail_failed', 'seen',
                       'decided', 'recorded', 'superseded', 'outdated')),
    entered_at     timestamptz NOT NULL,
    account_id     uuid,
    author         text        NOT NULL DEFAULT '',
    details        jsonb       NOT NULL DEFAULT '{}'
);
CREATE INDEX audit_entry_version_id_idx ON audit_entry (version_id);
CREATE UNIQUE INDEX audit_entry_seen_key ON audit_entry (version_id, account_id) WHERE kind = 'seen';

-- The database itself refuses to change what was decided and what happened.

CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'rows of % are never changed or deleted', TG_TABLE_NAME
        USING ERRCODE = 'restrict_violation';
END
$$;
CREATE TRIGGER decision_is_append_only BEFORE UPDATE OR DELETE ON decision
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER decision_is_never_emptied BEFORE TRUNCATE ON decision
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER audit_entry_is_append_only BEFORE UPDATE OR DELETE ON audit_entry
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER audit_entry_is_never_emptied BEFORE TRUNCATE ON audit_entry
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
