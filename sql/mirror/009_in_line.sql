-- Environments that a run found in line with the mirror without opening them, since nothing that concerns them had changed.
-- Their own tables do not say so. A row holds for the state of the environment that it names and for no other: once the
-- environment's watermark is another one (a run moved it, a backup brought it back), the row says nothing.
CREATE TABLE in_line (
  environment text PRIMARY KEY,     -- its configured name
  watermark bigint NOT NULL,        -- where its own sync_state stood ...
  watermark_mark uuid NOT NULL,
  version bigint NOT NULL,          -- ... and the mirror's version that it was found in line with
  mark uuid NOT NULL,
  evaluated_at timestamptz NOT NULL,  -- accounts that expired up to here do not concern it
  read_at timestamptz NOT NULL,     -- when the reading of the directory began
  run_id bigint NOT NULL,           -- of the run that found it so
  found_at timestamptz NOT NULL DEFAULT clock_timestamp()
);
