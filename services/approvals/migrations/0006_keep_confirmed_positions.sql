-- What an approval with changes holds for once they are confirmed. Of older confirmations it is not known.

ALTER TABLE confirmation ADD COLUMN positions jsonb NOT NULL DEFAULT '[]';
