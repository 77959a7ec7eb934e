-- How the dealer looks and is called. What is empty follows the settings, or the sample that is shipped.

CREATE TABLE branding (
    is_only      boolean     CONSTRAINT branding_pkey PRIMARY KEY DEFAULT true
                             CONSTRAINT branding_is_only_check CHECK (is_only),
    revision     bigint      NOT NULL,
    company_name text        NOT NULL,
    colour       text        NOT NULL CONSTRAINT branding_colour_check CHECK (colour ~ '^(#[0-9a-f]{6})?$'),
    mail_imprint text        NOT NULL,
    logo_sha256  text        NOT NULL CONSTRAINT branding_logo_sha256_check CHECK (logo_sha256 ~ '^([0-9a-f]{64})?$'),
    logo_size    bigint      NOT NULL,
    logo_width   integer     NOT NULL,
    logo_height  integer     NOT NULL,
    changed_at   timestamptz NOT NULL,
    CONSTRAINT branding_logo_check CHECK (
        (logo_sha256 = '') = (logo_size = 0) AND (logo_sha256 = '') = (logo_width = 0)
        AND (logo_sha256 = '') = (logo_height = 0))
);

-- Impressum and Datenschutz; a text that has no row is the file of the settings, or the sample.

CREATE TABLE legal_text (
    name   text NOT NULL CONSTRAINT legal_text_name_check CHECK (name IN ('imprint', 'privacy')),
    locale text NOT NULL CONSTRAINT legal_text_locale_check CHECK (locale IN ('de', 'en')),
    text   text NOT NULL CONSTRAINT legal_text_text_check CHECK (text <> ''),
    CONSTRAINT legal_text_pkey PRIMARY KEY (name, locale)
);
