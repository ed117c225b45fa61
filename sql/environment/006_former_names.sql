-- The log finds people by names that they had, and those whose rows were deleted since. Hashes, because a name may be
-- longer than an ordered index takes; partial, because a first load, which is all creates, should not pay for it.
CREATE INDEX sync_change_former_name ON sync_change (hashtextextended(lower(fields -> 'domainname' ->> 0), 0))
  WHERE fields ? 'domainname';
-- Dataverse deletes only rows that are disabled.
CREATE INDEX sync_change_disabled_name ON sync_change (hashtextextended(lower(domainname), 0)) WHERE action = 'disable';
CREATE INDEX sync_change_disabled_id ON sync_change (azureactivedirectoryobjectid) WHERE action = 'disable';
