-- What the operator set on the page; without a row the environment's values hold. One row.
CREATE TABLE mail_settings (
    mail_settings_id bigint
        CONSTRAINT mail_settings_pkey PRIMARY KEY
        CONSTRAINT mail_settings_one_row CHECK (mail_settings_id = 1),
    host text NOT NULL,
    port integer NOT NULL,
    security text NOT NULL
        CONSTRAINT mail_settings_security_known CHECK (security IN ('none', 'starttls', 'tls')),
    username text NOT NULL,
    sealed_password text NOT NULL,
    sender text NOT NULL,
    fallback text NOT NULL,
    copy_to_clerk boolean NOT NULL,
    way text NOT NULL CONSTRAINT mail_settings_way_known CHECK (way IN ('smtp', 'outlook')),
    request_delay interval NOT NULL,
    changed_at timestamptz NOT NULL,
    changed_by text NOT NULL
);

-- The operator's words, one row for each time they were saved; the newest counts. Without words (all four are
-- NULL) the shipped ones hold again.
CREATE TABLE words_version (
    words_version_id bigint GENERATED ALWAYS AS IDENTITY CONSTRAINT words_version_pkey PRIMARY KEY,
    template text NOT NULL,
    locale text NOT NULL,
    subject text,
    opening text,
    button text,
    closing text,
    saved_at timestamptz NOT NULL,
    saved_by text NOT NULL,
    CONSTRAINT words_version_whole
        CHECK (num_nulls(subject, opening, button, closing) IN (0, 4))
);

CREATE INDEX words_version_template_locale_idx ON words_version (template, locale, words_version_id);

-- A draft waits for the clerk in whose name it goes out; `clerk_code` is empty for the portal's own mails. An
-- empty address in `shown_from` is the portal's, as it is when the mail goes out; `message_domain` belongs to
-- its Message-ID, which must not change meanwhile.
ALTER TABLE mail ADD COLUMN clerk_code text NOT NULL DEFAULT '';
ALTER TABLE mail ADD COLUMN message_domain text NOT NULL DEFAULT '';
-- squawk-ignore ban-drop-constraint
ALTER TABLE mail DROP CONSTRAINT mail_state_known;
ALTER TABLE mail ADD CONSTRAINT mail_state_known
    CHECK (state IN ('draft', 'queued', 'sent', 'failed')) NOT VALID;
-- squawk-ignore ban-drop-constraint
ALTER TABLE mail DROP CONSTRAINT mail_ended_with_state;
ALTER TABLE mail ADD CONSTRAINT mail_ended_with_state
    CHECK ((state IN ('draft', 'queued')) = (ended_at IS NULL)) NOT VALID;

CREATE INDEX mail_draft_idx ON mail (clerk_code, queued_at) WHERE state = 'draft';
CREATE INDEX mail_queued_at_idx ON mail (queued_at, mail_id);
