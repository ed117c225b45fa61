-- One environment: systemuser with Dataverse's own names and lengths, and the sync's log beside it. Runs with
-- search_path set to the environment's schema. No triggers and nothing across schemas, so that an environment can live
-- on another server or be sharded by schema.

-- An existing table is used as it stands (`dvsync check` says what it lacks).
CREATE TABLE IF NOT EXISTS systemuser (
  systemuserid uuid NOT NULL PRIMARY KEY,
  domainname varchar(1024) NOT NULL,
  firstname varchar(256),
  middlename varchar(50),
  lastname varchar(256),
  fullname varchar(200),
  jobtitle varchar(100),
  title varchar(128),
  internalemailaddress varchar(100),
  personalemailaddress varchar(100),
  mobilealertemail varchar(100),
  address1_telephone1 varchar(64),
  mobilephone varchar(64),
  homephone varchar(50),
  address1_fax varchar(64),
  address1_line1 varchar(1024),
  address1_city varchar(128),
  address1_stateorprovince varchar(128),
  address1_postalcode varchar(40),
  address1_country varchar(128),
  azureactivedirectoryobjectid uuid,
  azurestate smallint NOT NULL DEFAULT 0,
  azuredeletedon timestamptz,
  deletedstate smallint NOT NULL DEFAULT 0,
  isdisabled boolean NOT NULL DEFAULT false,
  disabledreason varchar(500),
  accessmode smallint NOT NULL DEFAULT 0,
  islicensed boolean NOT NULL DEFAULT false,
  userlicensetype integer NOT NULL DEFAULT 0,
  issyncwithdirectory boolean NOT NULL DEFAULT false,
  setupuser boolean NOT NULL DEFAULT false,
  isintegrationuser boolean NOT NULL DEFAULT false,
  applicationid uuid,
  applicationiduri varchar(1024),
  businessunitid uuid,
  parentsystemuserid uuid,
  windowsliveid varchar(1024),
  userpuid varchar(100),
  caltype smallint NOT NULL DEFAULT 0,
  invitestatuscode smallint NOT NULL DEFAULT 0,
  emailrouteraccessapproval smallint NOT NULL DEFAULT 0,
  isemailaddressapprovedbyo365admin boolean NOT NULL DEFAULT false,
  systemmanagedusertype smallint NOT NULL DEFAULT 0,
  organizationid uuid,
  createdon timestamptz,
  createdby uuid,
  modifiedon timestamptz,
  modifiedby uuid,
  versionnumber bigint,
  overriddencreatedon timestamptz,
  importsequencenumber integer
);
-- Dataverse's alternate key; the sync relies on it.
DO $$
BEGIN
  IF NOT EXISTS (
      SELECT 1 FROM pg_index i JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = i.indkey[0]
      WHERE i.indrelid = 'systemuser'::regclass AND i.indisunique AND i.indnkeyatts = 1
        AND a.attname = 'azureactivedirectoryobjectid') THEN
    IF NOT EXISTS (SELECT 1 FROM systemuser LIMIT 1) THEN
      CREATE UNIQUE INDEX systemuser_azureactivedirectoryobjectid ON systemuser (azureactivedirectoryobjectid);
    END IF;
  END IF;
END $$;
-- User names are not unique (D10), yet looked up ignoring case.
CREATE INDEX IF NOT EXISTS systemuser_user_name ON systemuser (hashtextextended(lower(domainname), 0));
-- What every run asks about: few rows, so partial.
CREATE INDEX IF NOT EXISTS systemuser_left_alone ON systemuser (azureactivedirectoryobjectid)
  WHERE applicationid IS NOT NULL OR deletedstate <> 0;
CREATE INDEX IF NOT EXISTS systemuser_non_interactive ON systemuser (systemuserid) WHERE accessmode = 4;

-- Every change takes the next number; rows of one batch share it.
CREATE SEQUENCE sync_versionnumber;

-- Where this environment stands. Every writing transaction takes this row and checks the fence.
CREATE TABLE sync_state (
  singleton boolean PRIMARY KEY DEFAULT true CHECK (singleton),
  fence bigint NOT NULL DEFAULT 0,
  mirror_id uuid,            -- whose version the watermark is
  watermark bigint,          -- the mirror version this environment is in line with
  rules_hash bigint,         -- of the rules it was last decided by
  knowledge_hash bigint,     -- of what the directory could not say then
  evaluated_at timestamptz   -- account expiries up to here are decided
);
INSERT INTO sync_state DEFAULT VALUES;

CREATE TABLE sync_run (
  run_id bigint PRIMARY KEY,
  kind text NOT NULL,        -- incremental, full, user, approve
  trigger text NOT NULL,     -- background, on_demand, first_access
  outcome text,              -- succeeded, incomplete, held, failed, interrupted; null while it runs
  started_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  finished_at timestamptz,
  requested_by text,
  mirror_version bigint,
  seen bigint NOT NULL DEFAULT 0,
  created bigint NOT NULL DEFAULT 0,
  updated bigint NOT NULL DEFAULT 0,
  enabled bigint NOT NULL DEFAULT 0,
  disabled bigint NOT NULL DEFAULT 0,
  unchanged bigint NOT NULL DEFAULT 0,
  ignored bigint NOT NULL DEFAULT 0,
  rejected bigint NOT NULL DEFAULT 0,
  held bigint NOT NULL DEFAULT 0,
  -- what went past the guard without an approval, by class: counted against safety.window
  passed_stated bigint NOT NULL DEFAULT 0,
  passed_absent bigint NOT NULL DEFAULT 0,
  passed_disqualified bigint NOT NULL DEFAULT 0,
  passed_admitted bigint NOT NULL DEFAULT 0,
  missing text[],            -- facts that were not known (D7)
  warnings text[],
  detail text                -- why it failed
);
CREATE INDEX sync_run_finished ON sync_run (finished_at);

CREATE TABLE sync_batch (
  run_id bigint NOT NULL,
  batch_no integer NOT NULL,
  finished_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  seen integer NOT NULL,
  created integer NOT NULL,
  updated integer NOT NULL,
  enabled integer NOT NULL,
  disabled integer NOT NULL,
  unchanged integer NOT NULL,
  ignored integer NOT NULL,
  rejected integer NOT NULL,
  held integer NOT NULL,
  PRIMARY KEY (run_id, batch_no)
);

-- One line per changed row and run.
CREATE TABLE sync_change (
  run_id bigint NOT NULL,
  batch_no integer NOT NULL,
  at timestamptz NOT NULL DEFAULT now(),
  action text NOT NULL,      -- create, update, enable, disable
  reason text NOT NULL,
  systemuserid uuid NOT NULL,
  azureactivedirectoryobjectid uuid,
  domainname text,
  fields jsonb,              -- {column: [before, after]}; none on a create: the row is there to see
  notes text[]               -- invitation_required, cut:<column>, approved, held:<reason>
);
CREATE INDEX sync_change_run ON sync_change USING brin (run_id) WITH (pages_per_range = 32);
-- Not the object id, which is random: those of new rows come in order, and a first load fills the index from left to right.
CREATE INDEX sync_change_user ON sync_change (systemuserid);

-- Changes that wait for the end of the run, where the guard counts them; and those it holds back.
CREATE TABLE sync_pending (
  object_id uuid PRIMARY KEY,
  run_id bigint NOT NULL,    -- the run that last wanted it
  class text NOT NULL,       -- stated, absent, disqualified, admitted
  action text NOT NULL,
  reason text NOT NULL,
  domainname text,
  held_run_id bigint,        -- the first run that held it; null: not held
  held_since timestamptz,
  approved_at timestamptz,
  approved_by text
);
CREATE INDEX sync_pending_held ON sync_pending (held_run_id);

-- Identities that cannot be brought in line, until they are right. Every run tries them again.
CREATE TABLE sync_rejected (
  object_id uuid,            -- null: the record did not even say whose it is
  place text NOT NULL DEFAULT '',  -- where in the directory, if the record itself is broken
  reason text NOT NULL,
  detail text NOT NULL,
  domainname text,
  first_run_id bigint NOT NULL,
  last_run_id bigint NOT NULL,
  since timestamptz NOT NULL DEFAULT now()
);
CREATE UNIQUE INDEX sync_rejected_identity ON sync_rejected (object_id, place) NULLS NOT DISTINCT;

-- What the sync last wrote where a policy needs it (until_edited).
CREATE TABLE sync_user (
  systemuserid uuid NOT NULL,
  column_name text NOT NULL,
  value text,
  edited boolean NOT NULL DEFAULT false,
  PRIMARY KEY (systemuserid, column_name)
);

-- On demand: a client asks for a user, the daemon answers in the same row.
CREATE TABLE sync_request (
  request_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  trigger text NOT NULL CHECK (trigger IN ('on_demand', 'first_access')),
  user_name text,
  object_id text,
  requested_by text NOT NULL DEFAULT session_user,
  requested_at timestamptz NOT NULL DEFAULT now(),
  answered_at timestamptz,
  decision text,
  access text,
  reason text,
  systemuserid uuid,
  detail text
);
CREATE INDEX sync_request_open ON sync_request (request_id) WHERE answered_at IS NULL;
