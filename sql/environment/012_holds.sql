-- What a run held, whom, and what became of it: sync_pending forgets a decision once it is carried out or not wanted any more.
CREATE TABLE sync_hold (
  run_id bigint NOT NULL,      -- the first run that held it
  object_id uuid NOT NULL,
  class text NOT NULL,
  action text NOT NULL,
  reason text NOT NULL,
  domainname text,
  held_at timestamptz NOT NULL DEFAULT now(),
  answer text,                 -- approved, rejected; null: nobody answered
  answered_at timestamptz,
  answered_by text,
  comment text,
  ended text,                  -- carried_out, not_wanted; null: it waits, or stays rejected
  ended_run_id bigint,
  PRIMARY KEY (run_id, object_id)
);
CREATE INDEX sync_hold_open ON sync_hold (object_id) WHERE ended IS NULL;
-- What is read stands before what is written: Citus takes no function, and no default, in an INSERT that reads a sharded
-- table itself.
WITH held AS MATERIALIZED (
  SELECT held_run_id, object_id, class, action, reason, domainname, held_since, approved_at, approved_by
  FROM sync_pending WHERE held_run_id IS NOT NULL)
INSERT INTO sync_hold (run_id, object_id, class, action, reason, domainname, held_at, answer, answered_at, answered_by)
SELECT held_run_id, object_id, class, action, reason, domainname, coalesce(held_since, now()),
  CASE WHEN approved_at IS NOT NULL THEN 'approved' END, approved_at, approved_by
FROM held;

-- A decision that an operator rejected: not asked for again while the same is decided of this user.
ALTER TABLE sync_pending ADD COLUMN declined_at timestamptz;
ALTER TABLE sync_pending ADD COLUMN declined_by text;

ALTER TABLE sync_run ADD COLUMN answers bigint;       -- the run whose held decisions this one carries out, or rejects
ALTER TABLE sync_run ADD COLUMN comment text;         -- of who asked
ALTER TABLE sync_run ADD COLUMN held_because text[];  -- the guard's arithmetic, a sentence for each class that was held
