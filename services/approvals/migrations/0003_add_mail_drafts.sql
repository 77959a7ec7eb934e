-- A mail may wait as a draft until its clerk sends it from his own mail program.
-- squawk-ignore ban-drop-constraint
ALTER TABLE version DROP CONSTRAINT version_mail_state_check;
ALTER TABLE version ADD CONSTRAINT version_mail_state_check
    CHECK (mail_state IN ('', 'queued', 'draft', 'sent', 'failed')) NOT VALID;
-- squawk-ignore ban-drop-constraint
ALTER TABLE audit_entry DROP CONSTRAINT audit_entry_kind_check;
ALTER TABLE audit_entry ADD CONSTRAINT audit_entry_kind_check CHECK (kind IN (
    'assigned', 'order_found', 'prepared', 'requested', 'mail_draft', 'mail_sent', 'mail_failed', 'seen',
    'decided', 'recorded', 'superseded', 'outdated')) NOT VALID;
