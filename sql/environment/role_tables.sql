-- Dataverse's tables of business units, roles and teams, for whoever starts empty (`roles.create_tables: true`). Run by every `dvsync
-- migrate` of such an environment; setting: dvsync.role_names (one a line). What is there is left as it stands.
CREATE TABLE IF NOT EXISTS organization (
  organizationid uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  orgdborgsettings text,
  sharetopreviousowneronassign boolean NOT NULL DEFAULT false
);
CREATE TABLE IF NOT EXISTS businessunit (
  businessunitid uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  name varchar(160) NOT NULL,
  parentbusinessunitid uuid REFERENCES businessunit,
  isdisabled boolean NOT NULL DEFAULT false
);
CREATE TABLE IF NOT EXISTS role (
  roleid uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  name varchar(100) NOT NULL,
  businessunitid uuid NOT NULL REFERENCES businessunit,
  roletemplateid uuid,
  parentrootroleid uuid,
  isinherited smallint NOT NULL DEFAULT 1
);
CREATE TABLE IF NOT EXISTS systemuserroles (
  systemuserroleid uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  systemuserid uuid NOT NULL,
  roleid uuid NOT NULL,  -- of role; a foreign key would be most of what assigning roles to everybody costs
  versionnumber bigint,
  UNIQUE (systemuserid, roleid)
);
CREATE TABLE IF NOT EXISTS team (
  teamid uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  name varchar(160) NOT NULL,
  teamtype smallint NOT NULL DEFAULT 0,
  azureactivedirectoryobjectid uuid,
  membershiptype smallint NOT NULL DEFAULT 0,
  businessunitid uuid NOT NULL REFERENCES businessunit,
  isdefault boolean NOT NULL DEFAULT false,
  UNIQUE (azureactivedirectoryobjectid, membershiptype)
);
CREATE TABLE IF NOT EXISTS teamroles (
  teamroleid uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  teamid uuid NOT NULL REFERENCES team,
  roleid uuid NOT NULL REFERENCES role,
  UNIQUE (teamid, roleid)
);
CREATE TABLE IF NOT EXISTS teammembership (
  teammembershipid uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  teamid uuid NOT NULL REFERENCES team,
  systemuserid uuid NOT NULL,
  versionnumber bigint,
  UNIQUE (systemuserid, teamid)
);

-- Every user has a business unit, and a role stands in every business unit.
-- What is read stands before what is written, as in 012_holds.sql.
WITH there AS MATERIALIZED (SELECT count(*) AS rows FROM organization)
INSERT INTO organization (sharetopreviousowneronassign) SELECT false FROM there WHERE rows = 0;
WITH there AS MATERIALIZED (SELECT count(*) AS rows FROM businessunit)
INSERT INTO businessunit (name) SELECT current_schema() FROM there WHERE rows = 0;
WITH wanted AS MATERIALIZED (
  SELECT n.name, u.businessunitid
  FROM unnest(string_to_array(current_setting('dvsync.role_names'), E'\n')) AS n (name), businessunit u
  WHERE NOT EXISTS (SELECT 1 FROM role r WHERE r.businessunitid = u.businessunitid AND lower(r.name) = lower(n.name)))
INSERT INTO role (name, businessunitid, roletemplateid)
SELECT name, businessunitid,
  CASE lower(name) WHEN 'system administrator' THEN '627090ff-40a3-4053-8790-584edc5be201'::uuid END
FROM wanted;
