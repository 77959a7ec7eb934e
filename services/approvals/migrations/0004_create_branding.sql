-- How the dealer is called and looks at the head of the Freigabeprotokoll, as the gateway told it.
CREATE TABLE branding (
    branding_id  integer CONSTRAINT branding_pkey PRIMARY KEY CONSTRAINT branding_id_check CHECK (branding_id = 1),
    company_name text    NOT NULL,
    logo_sha256  text    NOT NULL,
    logo_width   integer NOT NULL,
    logo_height  integer NOT NULL,
    revision     bigint  NOT NULL
);
