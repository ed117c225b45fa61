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
