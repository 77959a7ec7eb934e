-- How the dealer looks and is called, as the gateway told it; what is empty follows the settings.
CREATE TABLE branding (
    branding_id  integer  CONSTRAINT branding_pkey PRIMARY KEY CONSTRAINT branding_id_check CHECK (branding_id = 1),
    company_name text     NOT NULL,
    colour       text     NOT NULL,
    imprint      text     NOT NULL,
    logo         jsonb,
    logo_width   integer  NOT NULL,
    logo_height  integer  NOT NULL,
    revision     bigint   NOT NULL
);
