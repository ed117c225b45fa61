-- The mark that the mirror gave the version a run worked on (version_history there): a mirror that lost this version in a
-- failover, while the run's rows stayed, does not know who has left since. Null: from before there were such marks.
ALTER TABLE sync_run ADD COLUMN mirror_mark uuid;
