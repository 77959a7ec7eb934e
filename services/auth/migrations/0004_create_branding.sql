-- The dealer's name as the gateway told it: no good password is made of it. Empty: as in the settings.
CREATE TABLE branding (
    branding_id integer CONSTRAINT branding_pkey PRIMARY KEY CONSTRAINT branding_id_check CHECK (branding_id = 1),
    company_name text NOT NULL,
    revision bigint NOT NULL
);
