-- What the daemon's role may do with security roles and group teams, where the configuration has it look after them. Run by every
-- `dvsync migrate`; settings: dvsync.role, dvsync.roles and dvsync.teams (t, f). Tables that are not there, or belong to somebody who
-- does not let us, are told by `dvsync check`.
DO $$
DECLARE
  daemon name := current_setting('dvsync.role');
  roles boolean := current_setting('dvsync.roles');
  teams boolean := current_setting('dvsync.teams');
  read_tables text[] := '{}';
  written_tables text[] := '{}';
  name text;
BEGIN
  IF daemon = current_user THEN
    RETURN;
  END IF;
  IF roles THEN
    read_tables := ARRAY['role', 'systemuserroles', 'businessunit', 'organization', 'teammembership', 'teamroles'];
    written_tables := ARRAY['systemuserroles'];
  END IF;
  IF teams THEN
    read_tables := read_tables || ARRAY['team', 'teammembership'];
    written_tables := written_tables || ARRAY['teammembership'];
  END IF;
  FOREACH name IN ARRAY read_tables LOOP
    CONTINUE WHEN to_regclass(quote_ident(current_schema()) || '.' || name) IS NULL;
    BEGIN
      EXECUTE format('GRANT SELECT ON %I TO %I', name, daemon);
      IF name = ANY (written_tables) THEN
        EXECUTE format('GRANT INSERT, DELETE ON %I TO %I', name, daemon);
      END IF;
    EXCEPTION WHEN insufficient_privilege THEN
      NULL;
    END;
  END LOOP;
END $$;
