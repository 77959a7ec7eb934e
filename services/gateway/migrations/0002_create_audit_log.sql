-- What the staff did: a row before each action, another with its outcome. Never what was typed.

CREATE TABLE audit_entry (
    audit_entry_id bigint      GENERATED ALWAYS AS IDENTITY CONSTRAINT audit_entry_pkey PRIMARY KEY,
    entered_at     timestamptz NOT NULL,
    account_id     uuid,
    person_name    text        NOT NULL,
    role           text        NOT NULL CONSTRAINT audit_entry_role_check CHECK (role IN ('clerk', 'operator')),
    route_name     text        NOT NULL,
    path_values    jsonb       NOT NULL,
    correlation_id text        NOT NULL
);
CREATE INDEX audit_entry_entered_at_idx ON audit_entry (entered_at);

CREATE TABLE audit_outcome (
    audit_entry_id bigint      CONSTRAINT audit_outcome_pkey PRIMARY KEY
                               CONSTRAINT audit_outcome_audit_entry_id_fkey
                               REFERENCES audit_entry (audit_entry_id) ON DELETE CASCADE,
    entered_at     timestamptz NOT NULL,
    status         integer     NOT NULL,
    note           text        NOT NULL
);

-- The database itself keeps what happened; only what is old may go, however short the setting is.

CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' THEN
        IF OLD.entered_at < now() - interval '30 days' THEN
            RETURN OLD;
        END IF;
    END IF;
    RAISE EXCEPTION 'rows of % are never changed, and deleted only when they are old', TG_TABLE_NAME
        USING ERRCODE = 'restrict_violation';
END
$$;
CREATE TRIGGER audit_entry_is_append_only BEFORE UPDATE OR DELETE ON audit_entry
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER audit_entry_is_never_emptied BEFORE TRUNCATE ON audit_entry
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER audit_outcome_is_append_only BEFORE UPDATE OR DELETE ON audit_outcome
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER audit_outcome_is_never_emptied BEFORE TRUNCATE ON audit_outcome
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
