-- What others do in the environment "contoso" between two runs of the sync. None of it is the sync's to undo.
SET search_path = contoso;
-- An administrator makes Nora's account non-interactive, gives Olav administrative access, and sends Per on leave.
UPDATE systemuser SET accessmode = 4 WHERE domainname = 'nora@contoso.example';
UPDATE systemuser SET accessmode = 1 WHERE domainname = 'olav@contoso.example';
UPDATE systemuser SET isdisabled = true, disabledreason = 'On leave' WHERE domainname = 'per@contoso.example';
-- Wenche's row is deleted in Dataverse, though the directory still has her.
UPDATE systemuser SET deletedstate = 1 WHERE domainname = 'wenche@contoso.example';
-- Rows that are no directory user's: gate 0 leaves them alone.
INSERT INTO systemuser (systemuserid, domainname, fullname, accessmode, applicationid, azureactivedirectoryobjectid) VALUES
  (gen_random_uuid(), 'SYSTEM', 'SYSTEM', 0, NULL, NULL),
  (gen_random_uuid(), 'INTEGRATION', 'INTEGRATION', 0, NULL, NULL),
  (gen_random_uuid(), 'imported@contoso.example', 'Stub of an import', 0, NULL, NULL),
  (gen_random_uuid(), 'support@microsoft.example', 'Support', 3, NULL, NULL),
  (gen_random_uuid(), 'crmoln@microsoft.com', 'Microsoft Support', 0, NULL, '6a0c8f52-0000-4000-8000-000000000101'),
  (gen_random_uuid(), 'crmoln2@microsoft.com', 'Delegated Administrator', 0, NULL, '6a0c8f52-0000-4000-8000-000000000102'),
  (gen_random_uuid(), 'flow@contoso.example', '# Flow', 4, '6a0c8f52-0000-4000-8000-000000000203',
   '6a0c8f52-0000-4000-8000-000000000103');
-- What the placeholder of the import owns, and a team of the group "Sales".
CREATE TABLE account (accountid uuid PRIMARY KEY DEFAULT gen_random_uuid(), name text, ownerid uuid, owninguser uuid, owningbusinessunit uuid);
INSERT INTO account (name, ownerid, owninguser) SELECT name, systemuserid, systemuserid
FROM systemuser, unnest(ARRAY['Adventure Works', 'Fourth Coffee', 'Litware']) name WHERE domainname = 'imported@contoso.example';
INSERT INTO team (name, teamtype, azureactivedirectoryobjectid, businessunitid)
SELECT 'Sales team', 2, '3f6b2c1e-0000-4000-8000-000000000001', businessunitid FROM businessunit;
