-- What the two asking roles may do: insert the asking columns with their own trigger, and read their own rows. Run by every
-- `dvsync migrate`; settings: dvsync.asking_role and dvsync.asking_trigger. requested_by and requested_at come from defaults
-- that no client can set: session_user stays what it was at login, whatever SET ROLE says.
DO $$
DECLARE
  asker name := current_setting('dvsync.asking_role');
  asked text := current_setting('dvsync.asking_trigger');
BEGIN
  EXECUTE format('GRANT USAGE ON SCHEMA %I TO %I', current_schema(), asker);
  EXECUTE format('REVOKE ALL ON sync_request FROM %I', asker);
  EXECUTE format('GRANT INSERT (trigger, user_name, object_id) ON sync_request TO %I', asker);
  EXECUTE format('GRANT SELECT ON sync_request TO %I', asker);
  EXECUTE format('DROP POLICY IF EXISTS ask_%s ON sync_request', asked);
  EXECUTE format('CREATE POLICY ask_%s ON sync_request FOR INSERT TO %I WITH CHECK (trigger = %L)', asked, asker, asked);
  EXECUTE format('DROP POLICY IF EXISTS read_%s ON sync_request', asked);
  EXECUTE format('CREATE POLICY read_%s ON sync_request FOR SELECT TO %I USING (requested_by = session_user)', asked, asker);
END $$;
