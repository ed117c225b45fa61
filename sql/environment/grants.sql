-- What the daemon's role may do in an environment's schema: its own tables, and the columns of systemuser that the rules
-- name. Custom columns are out of its reach. Run by every `dvsync migrate`; settings: dvsync.role, and dvsync.create_columns
-- (the columns of create_values, comma separated).
DO $$
DECLARE
  daemon name := current_setting('dvsync.role');
  written text := 'domainname, firstname, lastname, fullname, internalemailaddress, jobtitle, address1_telephone1, '
    'mobilephone, homephone, address1_fax, address1_line1, address1_city, address1_stateorprovince, address1_postalcode, '
    'address1_country, islicensed, isdisabled, disabledreason, accessmode, setupuser, azurestate, azuredeletedon, '
    'invitestatuscode, modifiedon, modifiedby, versionnumber';
  created text := 'systemuserid, azureactivedirectoryobjectid, issyncwithdirectory, businessunitid, createdon, createdby';
  constant text;
BEGIN
  IF daemon = current_user THEN
    RETURN;
  END IF;
  FOREACH constant IN ARRAY string_to_array(current_setting('dvsync.create_columns', true), ',') LOOP
    created := created || ', ' || quote_ident(constant);
  END LOOP;
  EXECUTE format('GRANT USAGE ON SCHEMA %I TO %I', current_schema(), daemon);
  EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON sync_state, sync_run, sync_batch, sync_pending, sync_hold, '
                 'sync_rejected, sync_user, sync_request, sync_touched, sync_lock, sync_role TO %I', daemon);
  EXECUTE format('REVOKE ALL ON sync_change FROM %I', daemon);
  EXECUTE format('GRANT SELECT, INSERT ON sync_change TO %I', daemon);
  EXECUTE format('GRANT EXECUTE ON FUNCTION forget_changes(bigint, interval, integer) TO %I', daemon);
  -- Row-level security is for those who ask.
  DROP POLICY IF EXISTS answer ON sync_request;
  EXECUTE format('CREATE POLICY answer ON sync_request TO %I USING (true) WITH CHECK (true)', daemon);
  EXECUTE format('GRANT USAGE ON ALL SEQUENCES IN SCHEMA %I TO %I', current_schema(), daemon);
  EXECUTE format('GRANT SELECT ON systemuser, schema_version TO %I', daemon);
  EXECUTE format('GRANT INSERT (%s, %s) ON systemuser TO %I', created, written, daemon);
  EXECUTE format('GRANT UPDATE (%s) ON systemuser TO %I', written, daemon);
  -- Where new users belong by default.
  IF to_regclass(quote_ident(current_schema()) || '.businessunit') IS NOT NULL THEN
    BEGIN
      EXECUTE format('GRANT SELECT ON businessunit TO %I', daemon);
    EXCEPTION WHEN insufficient_privilege THEN
      NULL;  -- somebody else's: the daemon may have the right already
    END;
  END IF;
  EXECUTE format('GRANT TEMPORARY ON DATABASE %I TO %I', current_database(), daemon);
END $$;
