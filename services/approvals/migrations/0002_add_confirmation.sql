-- An approval with changes waits for a clerk who confirms them: once, never changed, never deleted.

CREATE TABLE confirmation (
    decision_id  uuid        CONSTRAINT confirmation_pkey PRIMARY KEY
                             CONSTRAINT confirmation_decision_id_fkey REFERENCES decision (decision_id),
    confirmed_at timestamptz NOT NULL,
    clerk_code   text        NOT NULL,
    clerk_name   text        NOT NULL
);
CREATE TRIGGER confirmation_is_append_only BEFORE UPDATE OR DELETE ON confirmation
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER confirmation_is_never_emptied BEFORE TRUNCATE ON confirmation
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- The desk asks for what concerns one clerk.
CREATE INDEX version_clerk_code_idx ON version (clerk_code, state);
