-- Samples that were assigned; one that leads to no request for long is told to its clerk. Then the row goes.
CREATE TABLE waiting_sample (
    version_id uuid CONSTRAINT waiting_sample_pkey PRIMARY KEY,
    sample_id uuid NOT NULL,
    version bigint NOT NULL,
    event jsonb NOT NULL,
    assigned_at timestamptz NOT NULL
);

CREATE INDEX waiting_sample_assigned_at_idx ON waiting_sample (assigned_at);
CREATE INDEX waiting_sample_sample_id_idx ON waiting_sample (sample_id);

-- What is over is deleted after a time.
CREATE INDEX mail_ended_at_idx ON mail (ended_at) WHERE ended_at IS NOT NULL;
CREATE INDEX approval_request_composed_at_idx ON approval_request (composed_at);
CREATE INDEX decision_composed_at_idx ON decision (composed_at);
