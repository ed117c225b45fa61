-- Rows that others change are looked at by the next run of any kind (docs/rules.md D16). The triggers that note them stand in
-- watch.sql, since which tables have them is a setting.

-- A note is taken back by the run that looked at it: by what that run could see, since numbers do not follow commits.
CREATE SEQUENCE sync_touched_id CACHE 100;
CREATE TABLE sync_touched (
  touched_id bigint PRIMARY KEY DEFAULT nextval('sync_touched_id'),
  object_id uuid NOT NULL,
  noted_by xid8 NOT NULL DEFAULT pg_current_xact_id()  -- the transaction that changed the row
);

-- Whether systemuser was made by 001_environment.sql: between the two tables that `dvsync migrate` makes around it.
ALTER TABLE sync_state ADD COLUMN made_systemuser boolean NOT NULL DEFAULT false;
UPDATE sync_state SET made_systemuser =
  'systemuser'::regclass::oid BETWEEN 'schema_version'::regclass::oid AND 'sync_state'::regclass::oid;
