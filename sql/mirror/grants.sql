-- What the daemon's role may do in the mirror's schema. Run by every `dvsync migrate`; the role is in the setting dvsync.role.
DO $$
DECLARE
  daemon name := current_setting('dvsync.role');
BEGIN
  IF daemon = current_user THEN
    RETURN;  -- one role for everything: nothing to grant
  END IF;
  EXECUTE format('GRANT USAGE ON SCHEMA %I TO %I', current_schema(), daemon);
  EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA %I TO %I', current_schema(), daemon);
  EXECUTE format('GRANT USAGE ON ALL SEQUENCES IN SCHEMA %I TO %I', current_schema(), daemon);
  EXECUTE format('GRANT EXECUTE ON FUNCTION index_user_names(), index_memberships(), leave_room(boolean) TO %I', daemon);
  EXECUTE format('REVOKE INSERT, UPDATE, DELETE ON schema_version FROM %I', daemon);
  EXECUTE format('GRANT TEMPORARY ON DATABASE %I TO %I', current_database(), daemon);
END $$;
