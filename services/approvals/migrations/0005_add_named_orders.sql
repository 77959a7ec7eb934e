-- Numbers alone are not unique: a sample may name its order by more than that. NULL: by the number alone.
ALTER TABLE version ADD COLUMN named_document_id uuid;
