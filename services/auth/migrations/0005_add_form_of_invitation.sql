-- The form of the desk that told the invitation last, with all that it said: sent twice, it is told once.
ALTER TABLE invitation ADD COLUMN form_id uuid;
