-- Notes whose rows are changed by anybody but dvsync (docs/rules.md D16). Run by every `dvsync migrate`; settings:
-- dvsync.watch_rows (auto, on, off), dvsync.watched_columns (comma separated) and dvsync.most_touched. Why nobody watches
-- although somebody should is left in dvsync.watch_refused.
DO $$
DECLARE
  asked text := current_setting('dvsync.watch_rows');
  watch boolean := asked = 'on' OR (asked = 'auto' AND (SELECT made_systemuser FROM sync_state));
  table_id oid := 'systemuser'::regclass;
  event text;
  name text;
  compared text[];
BEGIN
  PERFORM set_config('dvsync.watch_refused', '', true);
  SELECT array_agg(quote_ident(attname) ORDER BY attnum) INTO compared FROM pg_attribute
  WHERE attrelid = table_id AND NOT attisdropped AND attname = ANY (string_to_array(current_setting('dvsync.watched_columns'), ','));
  IF watch THEN
    -- It works for whoever may write systemuser, never stops them, and notes no more than a run would look at one by one. Once that many
    -- wait, a statement that touches several notes only that it did, under the nil id: the next run looks at everybody.
    EXECUTE format($function$
      CREATE OR REPLACE FUNCTION note_touched_rows() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
      SET search_path = %1$I, pg_temp SET enable_nestloop = off AS $body$
      DECLARE
        enough_wait boolean := coalesce((SELECT max(touched_id) - min(touched_id) FROM sync_touched) >= %4$s, false);
        most integer := CASE WHEN enough_wait THEN 2 ELSE %4$s END;
        part integer;
        touched uuid[];
      BEGIN
        IF TG_OP = 'INSERT' THEN
          touched := ARRAY(SELECT azureactivedirectoryobjectid FROM new_rows WHERE azureactivedirectoryobjectid IS NOT NULL LIMIT most);
        ELSIF TG_OP = 'DELETE' THEN
          touched := ARRAY(SELECT azureactivedirectoryobjectid FROM old_rows WHERE azureactivedirectoryobjectid IS NOT NULL LIMIT most);
        ELSE
          -- Both tables have their rows in one order: where very many changed, the first ones say so, and nothing joins a million.
          FOREACH part IN ARRAY ARRAY[most, NULL] LOOP
            touched := ARRAY(
              SELECT id FROM (
                SELECT unnest(ARRAY[n.azureactivedirectoryobjectid, CASE WHEN n.azureactivedirectoryobjectid
                                    IS DISTINCT FROM o.azureactivedirectoryobjectid THEN o.azureactivedirectoryobjectid END]) AS id
                FROM (SELECT * FROM new_rows LIMIT part) n LEFT JOIN (SELECT * FROM old_rows LIMIT part) o USING (systemuserid)
                WHERE (%2$s) IS DISTINCT FROM (%3$s)) changed
              WHERE id IS NOT NULL LIMIT most);
            EXIT WHEN cardinality(touched) >= most OR NOT EXISTS (SELECT 1 FROM new_rows OFFSET part LIMIT 1);
          END LOOP;
        END IF;
        IF enough_wait AND cardinality(touched) > 1 THEN
          touched := ARRAY['00000000-0000-0000-0000-000000000000'::uuid];
        END IF;
        INSERT INTO sync_touched (object_id) SELECT unnest(touched);
        RETURN NULL;
      EXCEPTION WHEN syntax_error_or_access_rule_violation THEN
        RETURN NULL;  -- systemuser is not what it was: `dvsync check` says so
      END $body$ $function$, current_schema(),
      (SELECT string_agg('n.' || one, ', ') FROM unnest(compared) one), (SELECT string_agg('o.' || one, ', ') FROM unnest(compared) one),
      current_setting('dvsync.most_touched'));
    REVOKE ALL ON FUNCTION note_touched_rows() FROM PUBLIC;
  END IF;
  FOREACH event IN ARRAY ARRAY['insert', 'update', 'delete'] LOOP
    name := 'dvsync_note_' || event;
    IF watch = EXISTS (SELECT 1 FROM pg_trigger WHERE tgrelid = table_id AND tgname = name) THEN
      CONTINUE;
    ELSIF watch THEN
      EXECUTE format(
        'CREATE TRIGGER %I AFTER %s ON systemuser REFERENCING %s FOR EACH STATEMENT '
        'WHEN (current_setting(''dvsync.own_writes'', true) IS DISTINCT FROM ''on'') EXECUTE FUNCTION note_touched_rows()',
        name, event, CASE event WHEN 'insert' THEN 'NEW TABLE AS new_rows' WHEN 'delete' THEN 'OLD TABLE AS old_rows'
                                ELSE 'OLD TABLE AS old_rows NEW TABLE AS new_rows' END);
    ELSE
      EXECUTE format('DROP TRIGGER %I ON systemuser', name);
    END IF;
  END LOOP;
EXCEPTION WHEN insufficient_privilege OR feature_not_supported OR wrong_object_type OR syntax_error OR internal_error THEN
  PERFORM set_config('dvsync.watch_refused', SQLERRM, true);
END $$;
