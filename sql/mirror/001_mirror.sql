-- The directory mirror: what the directory last said, merged into whole identities. Every environment is decided from
-- here. Runs with search_path set to the mirror's schema (database.mirror_schema).

CREATE TABLE mirror (
  singleton boolean PRIMARY KEY DEFAULT true CHECK (singleton),
  mirror_id uuid NOT NULL DEFAULT gen_random_uuid(),  -- a watermark belongs to one mirror
  directory text,                                     -- which directory this mirrors; null before the first pull
  version bigint NOT NULL DEFAULT 0,                  -- of the last complete merge; decisions read nothing newer
  listing_complete boolean NOT NULL DEFAULT false,    -- the last listing named everybody there is: absence is a fact
  plans_stated boolean NOT NULL DEFAULT false,        -- false: the directory says nothing about licences
  everybody_licensed boolean NOT NULL DEFAULT false,  -- a directory without licences that treats all as licensed
  nested_groups_read boolean NOT NULL DEFAULT false,
  cursor jsonb NOT NULL DEFAULT '{}',                 -- one entry a query
  identities bigint NOT NULL DEFAULT 0,               -- living ones, so that nobody has to count
  pulled_at timestamptz                               -- end of the last successful pull
);
INSERT INTO mirror DEFAULT VALUES;

-- Who works. Taking it over raises the fence; whoever holds an older fence cannot write any more.
CREATE TABLE lease (
  singleton boolean PRIMARY KEY DEFAULT true CHECK (singleton),
  fence bigint NOT NULL DEFAULT 0,
  holder uuid,
  holder_name text,             -- "host, pid 123, dvsync sync": for people who wait
  backend_pid integer,          -- the holder's session: once it is gone, the lease is free
  backend_start timestamptz,
  expires_at timestamptz
);
INSERT INTO lease DEFAULT VALUES;

CREATE SEQUENCE run_id;

-- Service plans come in few combinations: each is stored once. plan_set is a hash of the sorted ids.
CREATE TABLE plan_set (
  plan_set bigint PRIMARY KEY,
  plans uuid[] NOT NULL
);

CREATE TABLE identity (
  object_id uuid NOT NULL,
  version bigint NOT NULL,        -- moves when any fact below moves, derived ones included
  content_hash bigint,            -- of the record as the source told it; null: must be compared field by field
  lifecycle smallint NOT NULL,    -- 0 present, 1 soft-deleted, 2 deleted, 3 absent from a complete listing
  deleted_at timestamptz,         -- of a soft delete
  account_enabled boolean,        -- null: never delivered
  account_expires timestamptz,
  guest boolean NOT NULL DEFAULT false,
  plan_set bigint,                -- null: never stated
  roles smallint NOT NULL DEFAULT 0,  -- derived: 1 global, 2 power platform, 4 dynamics 365 administrator, 8 licensed
  direct_groups uuid[],           -- derived: the named groups this user is a member of ...
  owned_groups uuid[],            -- ... an owner of ...
  nested_groups uuid[],           -- ... a member of through other groups
  defect text,                    -- a value that no column can take, in words (D9)
  distinguished_name text,        -- folded; how LDAP groups refer to their members
  login text,
  user_principal_name text,
  given_name text,
  surname text,
  display_name text,
  mail text,
  job_title text,
  business_phone text,
  mobile_phone text,
  home_phone text,
  fax_number text,
  street_address text,
  city text,
  state text,
  postal_code text,
  country text,
  PRIMARY KEY (object_id)
);
-- The first load, version 1, is behind every watermark there can be: it need not be found by version.
CREATE INDEX identity_version ON identity (version) WHERE version > 1;
-- A hash, not the name: a third of the size, and equality is all that is asked.
CREATE INDEX identity_user_name ON identity (hashtextextended(lower(user_principal_name), 0));
CREATE INDEX identity_expires ON identity (account_expires) WHERE account_expires IS NOT NULL;
-- Hashes: a name may be longer than an ordered index takes.
CREATE INDEX identity_distinguished_name ON identity USING hash (distinguished_name) WHERE distinguished_name IS NOT NULL;
CREATE INDEX identity_login ON identity USING hash (login) WHERE login IS NOT NULL;
CREATE INDEX identity_tombstone ON identity (version) WHERE lifecycle >= 2;

-- The groups that environments name, and those nested in them.
CREATE TABLE directory_group (
  object_id uuid PRIMARY KEY,
  distinguished_name text,
  members smallint NOT NULL,   -- coverage: 0 complete, 1 partial (only deltas were seen), 2 unreadable, 3 not carried
  owners smallint NOT NULL
);

-- How an environment's configuration names a group, and what became of it in the last pull.
CREATE TABLE named_group (
  name text PRIMARY KEY,
  object_id uuid,              -- null: could not be found
  detail text                  -- why it cannot be read
);

CREATE TABLE membership (
  group_id uuid NOT NULL,
  relation smallint NOT NULL,  -- 0 member, 1 owner
  member_id uuid,              -- one of the two
  member_name text,            -- "dn:..." or "uid:..."
  member_is_group boolean NOT NULL DEFAULT false
);
CREATE UNIQUE INDEX membership_member ON membership (group_id, relation, member_id, hashtextextended(member_name, 0))
  NULLS NOT DISTINCT;
CREATE INDEX membership_id ON membership (member_id);
CREATE INDEX membership_name ON membership USING hash (member_name) WHERE member_name IS NOT NULL;

CREATE TABLE role_member (
  role smallint NOT NULL,      -- 0 global, 1 power platform, 2 dynamics 365 administrator, 3 licensed
  member_id uuid,
  member_name text
);
CREATE UNIQUE INDEX role_member_member ON role_member (role, member_id, hashtextextended(member_name, 0)) NULLS NOT DISTINCT;
CREATE INDEX role_member_id ON role_member (member_id);

CREATE TABLE role_coverage (
  role smallint PRIMARY KEY,
  coverage smallint NOT NULL   -- as above
);

-- Records of the directory that could not be used, until they are right.
CREATE TABLE rejected_record (
  object_id uuid,
  place text NOT NULL,
  reason text NOT NULL,
  detail text NOT NULL,
  since timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX rejected_record_id ON rejected_record (object_id);
