-- What a run leaves behind for those who ask later: why it looked at everybody, where its time went, and how late the rows
-- were until then.
ALTER TABLE sync_run ADD COLUMN why_full text;            -- why everybody was looked at
ALTER TABLE sync_run ADD COLUMN reading_ms bigint;        -- reading the directory, once for all environments
ALTER TABLE sync_run ADD COLUMN records bigint;           -- so many records of it
ALTER TABLE sync_run ADD COLUMN moved bigint;             -- which changed so many identities
ALTER TABLE sync_run ADD COLUMN planning_ms bigint;       -- reading and evaluating users
ALTER TABLE sync_run ADD COLUMN writing_ms bigint;        -- the rest of the run's time
ALTER TABLE sync_run ADD COLUMN behind_since timestamptz;  -- when the reading began that the rows were in line with before
ALTER TABLE sync_run ADD COLUMN archived_at timestamptz;  -- its lines are in the archive, and may go
ALTER TABLE sync_state ADD COLUMN read_at timestamptz;  -- when the reading began that the rows are in line with

-- Commands that were refused stand beside the requests of clients.
ALTER TABLE sync_request ADD COLUMN command text;  -- for instance `user enable`; null: a client asked
-- Who was refused, and who was asked for; hashes, because a name may be longer than an ordered index takes.
CREATE INDEX sync_request_refused ON sync_request (requested_at) WHERE decision = 'refuse';
CREATE INDEX sync_request_asked ON sync_request (hashtextextended(lower(coalesce(user_name, object_id)), 0));
