-- What an operator has set of the order folder; without a row the environment says it.
CREATE TABLE order_folder_setting (
    is_only boolean CONSTRAINT order_folder_setting_pkey PRIMARY KEY DEFAULT TRUE
        CONSTRAINT order_folder_setting_is_only_check CHECK (is_only),
    pattern text NOT NULL CONSTRAINT order_folder_setting_pattern_check CHECK (pattern <> ''),
    changed_at timestamptz NOT NULL DEFAULT now()
);
