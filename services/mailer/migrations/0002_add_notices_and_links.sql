-- An account that is disabled gets no requests; of one that is gone only the id stays, so that older news of
-- it change nothing.
ALTER TABLE account ADD COLUMN disabled boolean NOT NULL DEFAULT false;
ALTER TABLE account ADD COLUMN deleted_at timestamptz;

-- What was heard and becomes mails at once, by the event's id; the row goes when they are composed.
CREATE TABLE notice (
    event_id uuid CONSTRAINT notice_pkey PRIMARY KEY,
    event_name text NOT NULL,
    event jsonb NOT NULL,
    heard_at timestamptz NOT NULL
);

CREATE INDEX notice_heard_at_idx ON notice (heard_at);

-- Requests to a customer of whom nobody is registered wait for the link of an invitation, by their cause.
-- `ready_at` is when they are composed in any case; `invited` is auth's answer, as it was told.
CREATE TABLE awaited_invitation (
    cause text CONSTRAINT awaited_invitation_pkey PRIMARY KEY,
    document_id uuid NOT NULL,
    customer_number text NOT NULL,
    ready_at timestamptz NOT NULL,
    invited jsonb
);

CREATE INDEX awaited_invitation_ready_at_idx ON awaited_invitation (ready_at);
CREATE INDEX awaited_invitation_customer_number_idx ON awaited_invitation (customer_number);
CREATE INDEX awaited_invitation_document_id_idx ON awaited_invitation (document_id);

ALTER TABLE approval_request ADD COLUMN awaits text;

CREATE INDEX approval_request_awaits_idx ON approval_request (awaits) WHERE awaits IS NOT NULL;

-- The token of a one-time link, sealed; gone once the mail is sent.
ALTER TABLE mail ADD COLUMN sealed_token text NOT NULL DEFAULT '';
ALTER TABLE mail ADD COLUMN link_expires_at timestamptz;
ALTER TABLE mail ADD CONSTRAINT mail_sent_without_token CHECK (state <> 'sent' OR sealed_token = '') NOT VALID;
