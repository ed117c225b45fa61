-- Security roles that the sync gave, so that it takes none that somebody else gave (docs/rules.md D18). Dataverse's own tables
-- role and systemuserroles are used as they stand.
CREATE TABLE sync_role (
  systemuserid uuid NOT NULL,
  roleid uuid NOT NULL,
  given_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (systemuserid, roleid)
);

-- Roles that were taken past the guard, as the other classes (docs/rules.md D20).
ALTER TABLE sync_run ADD COLUMN passed_access bigint NOT NULL DEFAULT 0;
