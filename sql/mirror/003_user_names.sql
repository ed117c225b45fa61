-- A first load brings user names in no order: one index made of all of them afterwards takes a third of the time of
-- keeping it up name by name. The daemon does not own the table, so it asks for the index by this function.
DO $$
BEGIN
  IF (SELECT version FROM mirror) = 0 THEN
    DROP INDEX identity_user_name;
  END IF;
END $$;
CREATE FUNCTION index_user_names() RETURNS void LANGUAGE sql SECURITY DEFINER SET search_path FROM CURRENT AS $$
  CREATE INDEX IF NOT EXISTS identity_user_name ON identity (hashtextextended(lower(user_principal_name), 0))
$$;
REVOKE EXECUTE ON FUNCTION index_user_names() FROM PUBLIC;
