-- A first load writes everybody's groups onto rows that it has just loaded. Where their pages have room, the new row lies
-- beside the old one and no index is touched, which takes less than half the time. Afterwards pages are filled as before. Where
-- only few have a group, the table is larger than it need be, until changes have filled it. The daemon does not own the table,
-- so it asks for the room by this function.
CREATE FUNCTION leave_room(wanted boolean) RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
BEGIN
  IF wanted THEN
    ALTER TABLE identity SET (fillfactor = 50);
  ELSE
    ALTER TABLE identity RESET (fillfactor);
  END IF;
END $$;
REVOKE EXECUTE ON FUNCTION leave_room(boolean) FROM PUBLIC;

-- Who is a member of what is looked up by an index, which a first load's memberships, in no order of their members, would
-- fill for half of its time. It is made of all of them afterwards, as that of user names is.
-- A daemon may be in its first load meanwhile: it is waited for, and the version read after that.
LOCK TABLE membership IN ACCESS EXCLUSIVE MODE;
DO $$
BEGIN
  IF (SELECT version FROM mirror) = 0 THEN
    DROP INDEX membership_id;
  END IF;
END $$;
CREATE FUNCTION index_memberships() RETURNS void LANGUAGE sql SECURITY DEFINER SET search_path FROM CURRENT AS $$
  CREATE INDEX IF NOT EXISTS membership_id ON membership (member_id)
$$;
REVOKE EXECUTE ON FUNCTION index_memberships() FROM PUBLIC;
