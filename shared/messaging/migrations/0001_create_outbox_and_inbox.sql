-- What this service has to tell: written in the transaction of the fact, sent by the relay.
CREATE TABLE outbox (
    event_id uuid CONSTRAINT outbox_pkey PRIMARY KEY,
    event_name text NOT NULL,
    correlation_id text NOT NULL,
    occurred_at timestamptz NOT NULL,
    body json NOT NULL,
    added_at timestamptz NOT NULL DEFAULT now(),
    state text NOT NULL DEFAULT 'waiting',
    settled_at timestamptz,
    reason text NOT NULL DEFAULT '',
    CONSTRAINT outbox_state_check CHECK (state IN ('waiting', 'sent', 'set_aside')),
    CONSTRAINT outbox_settled_check CHECK ((state = 'waiting') = (settled_at IS NULL)),
    CONSTRAINT outbox_reason_check CHECK ((state = 'set_aside') = (reason <> ''))
);
CREATE INDEX outbox_waiting_idx ON outbox (added_at) WHERE state = 'waiting';
CREATE INDEX outbox_sent_idx ON outbox (settled_at) WHERE state = 'sent';

-- What this service has heard and done: one row per event and handler.
CREATE TABLE inbox (
    event_id uuid NOT NULL,
    handler text NOT NULL,
    done_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT inbox_pkey PRIMARY KEY (event_id, handler)
);
CREATE INDEX inbox_done_at_idx ON inbox (done_at);
