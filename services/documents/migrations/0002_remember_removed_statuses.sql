-- What was removed, and in which revision: what is told late about it must not bring it back.

CREATE TABLE removed_status_group (
    group_id text CONSTRAINT removed_status_group_pkey PRIMARY KEY,
    revision bigint NOT NULL
);

CREATE TABLE removed_status (
    status_id text CONSTRAINT removed_status_pkey PRIMARY KEY,
    revision bigint NOT NULL
);
