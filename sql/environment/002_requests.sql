-- On demand: who may ask, and what is kept of an answer. Rights and policies name roles, so that they are granted anew by
-- every `dvsync migrate` (grants.sql, askers.sql).

ALTER TABLE sync_request ADD COLUMN run_id bigint;  -- of the change it led to, in sync_change
-- What a client writes is read into memory: a name has the length of a column, an id that of an id.
ALTER TABLE sync_request ADD CONSTRAINT sync_request_user_name_length CHECK (char_length(user_name) <= 1024);
ALTER TABLE sync_request ADD CONSTRAINT sync_request_object_id_length CHECK (char_length(object_id) <= 100);

-- Every asker's oldest requests are found without looking at all the others.
DROP INDEX sync_request_open;
CREATE INDEX sync_request_open ON sync_request (trigger, requested_by, request_id) WHERE answered_at IS NULL;
-- For expiry and retention.
CREATE INDEX sync_request_age ON sync_request (requested_at);

ALTER TABLE sync_request ENABLE ROW LEVEL SECURITY;
