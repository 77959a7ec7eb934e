-- Which queue hears which event.
CREATE TABLE binding (
    event_name text NOT NULL,
    queue text NOT NULL,
    CONSTRAINT binding_pkey PRIMARY KEY (event_name, queue)
);

-- A listener has a number and holds the advisory lock of that number while its connection lives.
CREATE SEQUENCE listener_number_seq AS integer CYCLE;

-- One row per message and queue; it goes when it is done. `listener` has it in hand.
CREATE TABLE message (
    message_id uuid NOT NULL,
    queue text NOT NULL,
    event_name text NOT NULL,
    correlation_id text NOT NULL,
    occurred_at timestamptz NOT NULL,
    body bytea NOT NULL,
    state text NOT NULL DEFAULT 'waiting',
    due_at timestamptz NOT NULL DEFAULT now(),
    attempts integer NOT NULL DEFAULT 0,
    deaths integer NOT NULL DEFAULT 0,
    reason text NOT NULL DEFAULT '',
    listener integer,
    CONSTRAINT message_pkey PRIMARY KEY (message_id, queue),
    CONSTRAINT message_state_check CHECK (state IN ('waiting', 'taken', 'dead')),
    CONSTRAINT message_listener_check CHECK ((state = 'taken') = (listener IS NOT NULL))
);
CREATE INDEX message_waiting_idx ON message (queue, due_at) WHERE state = 'waiting';
CREATE INDEX message_taken_idx ON message (queue) WHERE state = 'taken';
CREATE INDEX message_dead_idx ON message (queue, due_at) WHERE state = 'dead';
