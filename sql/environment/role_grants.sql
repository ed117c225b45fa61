-- What the daemon's role may do with security roles, where the configuration has it manage them. Run by every `dvsync migrate` of such
-- an environment; setting: dvsync.role. Tables that are not there, or belong to somebody who does not let us, are told by `dvsync check`.
DO $$
DECLARE
  daemon name := current_setting('dvsync.role');
  name text;
BEGIN
  IF daemon = current_user THEN
    RETURN;
  END IF;
  FOREACH name IN ARRAY ARRAY['role', 'systemuserroles', 'businessunit', 'organization', 'teammembership', 'teamroles'] LOOP
    CONTINUE WHEN to_regclass(quote_ident(current_schema()) || '.' || name) IS NULL;
    BEGIN
      EXECUTE format('GRANT SELECT ON %I TO %I', name, daemon);
      IF name = 'systemuserroles' THEN
        EXECUTE format('GRANT INSERT, DELETE ON %I TO %I', name, daemon);
      END IF;
    EXCEPTION WHEN insufficient_privilege THEN
      NULL;
    END;
  END LOOP;
END $$;
