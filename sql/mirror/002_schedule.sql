-- What the daemons on this mirror have in common, so that one carries on where another left off, and what commands ask
-- of the daemon that works.
CREATE TABLE schedule (
  singleton boolean PRIMARY KEY DEFAULT true CHECK (singleton),
  daemon uuid,                  -- the lease's holder, if it is a daemon
  run_full boolean,             -- the last run, or the one under way, looks at everybody
  run_began_at timestamptz,
  run_ended_at timestamptz,     -- null: it goes on, or was killed
  run_succeeded boolean,
  full_began_at timestamptz,    -- of the last full run that went through
  wanted_at timestamptz,        -- a command waits for its turn; it says so again and again while it does
  wanted_by text
);
INSERT INTO schedule DEFAULT VALUES;
