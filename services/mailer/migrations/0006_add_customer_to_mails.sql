-- The customer of whose affairs a mail speaks to his people; empty for all other mails. One that was withdrawn
-- has failed for good: nobody sends it again.
ALTER TABLE mail ADD COLUMN customer_number text NOT NULL DEFAULT '';
ALTER TABLE mail ADD COLUMN withdrawn boolean NOT NULL DEFAULT false;

-- Requests that wait now have their customer in the cause.
UPDATE mail SET customer_number = split_part(cause, '/', 3)
 WHERE template = 'approval_requested' AND state IN ('draft', 'queued') AND cause NOT LIKE '%/copy';

CREATE INDEX mail_unsent_idx ON mail (lower(recipient)) WHERE state IN ('draft', 'queued');
