-- What lists are searched, filtered and sorted by, the files of a document, and when a position got its status.

CREATE EXTENSION IF NOT EXISTS pg_trgm;
CREATE EXTENSION IF NOT EXISTS unaccent;

-- How a text is compared in a search: without case and accents, and "Müller" as "Mueller" as "Muller".
CREATE FUNCTION search_form(written text) RETURNS text
    LANGUAGE sql STABLE STRICT PARALLEL SAFE
    AS $$ SELECT replace(replace(replace(lower(unaccent(written)), 'ae', 'a'), 'oe', 'o'), 'ue', 'u') $$;

-- `number_key` sorts as people count, 2 before 10: every run of digits as its last 20, filled up with noughts.
-- `status_group_id` is the step that status_label names. `search_text` is in search_form.
ALTER TABLE document
    -- The table is written anew once, in well under a minute.
    -- squawk-ignore adding-field-with-default
    ADD COLUMN number_key text COLLATE "C" GENERATED ALWAYS AS (
        regexp_replace(
            regexp_replace(number, '([0-9]+)', '00000000000000000000\1', 'g'), '[0-9]*([0-9]{20})', '\1', 'g')
    ) STORED,
    ADD COLUMN status_group_id text NOT NULL DEFAULT '',
    ADD COLUMN search_text text NOT NULL DEFAULT '';

UPDATE document
   SET status_group_id = coalesce(
           (SELECT min(group_id) FROM status_group
             WHERE status_group.kind = document.kind AND name = status_label), ''),
       search_text = search_form(concat_ws(
           ' ', number, customer_reference, subject,
           (SELECT string_agg(concat_ws(' ', article_number, text, description), ' ' ORDER BY ordinal)
              FROM position WHERE position.document_id = document.document_id)));

-- When and why a position has its status; unknown until it is computed again.
ALTER TABLE position
    ADD COLUMN status_at timestamptz,
    ADD COLUMN status_negative boolean NOT NULL DEFAULT FALSE;

CREATE INDEX document_search_text_index ON document USING gin (search_text gin_trgm_ops);
CREATE INDEX document_kind_index ON document (kind, document_date DESC, number_key DESC, document_id);

CREATE TABLE document_file (
    document_id uuid NOT NULL
        CONSTRAINT document_file_document_id_fkey REFERENCES document ON DELETE CASCADE,
    ordinal bigint NOT NULL,
    sha256 text NOT NULL,
    name text NOT NULL,
    media_type text NOT NULL,
    size bigint NOT NULL,
    CONSTRAINT document_file_pkey PRIMARY KEY (document_id, sha256)
);
