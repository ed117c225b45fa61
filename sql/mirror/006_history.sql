-- Version numbers come twice where a mirror is restored from a backup, or fails over to a standby that had not heard of the
-- last ones. So every version has a random mark, and an environment keeps the mark of its watermark beside it: only where
-- both stand here was this mirror ever where the environment stands. A version is forgotten with the tombstones above it.
CREATE TABLE version_history (
  version bigint PRIMARY KEY,
  mark uuid NOT NULL DEFAULT gen_random_uuid()
);
INSERT INTO version_history (version) SELECT version FROM mirror;
