-- Whom an environment looks at whatever its security group says: administrators, who are exempt from it; users of whom a
-- fact is missing, or cannot be used; tombstones whose absence may not be certain. Few, and asked for once an environment:
-- the index answers, and its condition is the view's.
CREATE VIEW identity_apart AS
SELECT object_id FROM identity
WHERE roles & 7 <> 0 OR lifecycle = 3 OR account_enabled IS NULL OR defect IS NOT NULL
  OR user_principal_name IS NULL OR user_principal_name COLLATE "C" !~ '[!-~]';
CREATE INDEX identity_apart_id ON identity (object_id)
WHERE roles & 7 <> 0 OR lifecycle = 3 OR account_enabled IS NULL OR defect IS NOT NULL
  OR user_principal_name IS NULL OR user_principal_name COLLATE "C" !~ '[!-~]';
