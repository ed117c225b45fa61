-- Who was told what (docs/alarms.md). What stands is remembered for each place that is told, so that a beginning is told
-- once, whichever daemon works, and a place that is new hears of what stands. A message is queued in the transaction that
-- remembers it, claimed before it is sent, and marked once it is delivered.
CREATE TABLE alarm (
  target text NOT NULL,             -- the configured name of the place
  environment text NOT NULL,        -- empty: the mirror, or the daemon
  code text NOT NULL,               -- of the finding
  subject text NOT NULL,            -- which of several of one code: the class of the guard; else empty
  began_at timestamptz NOT NULL,
  told_at timestamptz NOT NULL,     -- when the last message about it was queued
  told_count bigint NOT NULL,       -- how many it was about then
  what text NOT NULL,               -- in words, as it was told
  PRIMARY KEY (target, environment, code, subject)
);
CREATE TABLE alarm_message (
  message_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  target text NOT NULL,
  environment text NOT NULL,
  code text NOT NULL,
  subject text NOT NULL,
  message text NOT NULL,            -- JSON, as commands get it
  queued_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  attempts integer NOT NULL DEFAULT 0,
  next_attempt_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  claimed_by bigint,                -- the fence of the daemon that tried last
  failure text,                     -- why the last attempt came to nothing
  delivered_at timestamptz
);
CREATE INDEX alarm_message_waiting ON alarm_message (target, message_id) WHERE delivered_at IS NULL;
