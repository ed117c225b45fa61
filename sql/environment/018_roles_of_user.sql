-- One row for each user to whom the sync gave roles, and no longer one for each role: half of what a first load writes here.
ALTER TABLE sync_role ADD COLUMN roleids uuid[];  -- none: what was given is taken away again
UPDATE sync_role one SET roleids = of_user.roleids, given_at = of_user.given_at
FROM (SELECT systemuserid, array_agg(roleid ORDER BY roleid) AS roleids, max(given_at) AS given_at FROM sync_role
      GROUP BY systemuserid) of_user
WHERE one.systemuserid = of_user.systemuserid AND one.roleid = of_user.roleids[1];
DELETE FROM sync_role WHERE roleids IS NULL;
ALTER TABLE sync_role DROP CONSTRAINT sync_role_pkey;
ALTER TABLE sync_role DROP COLUMN roleid;
ALTER TABLE sync_role ALTER COLUMN roleids SET NOT NULL;
ALTER TABLE sync_role ADD PRIMARY KEY (systemuserid);
