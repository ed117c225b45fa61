-- The change log is evidence: the daemon's role adds to it, and neither rewrites nor deletes. What is older than the
-- configured retention goes by this function of the owner's, and never what is younger than an hour.
CREATE FUNCTION forget_changes(of_run bigint, retention interval, most integer) RETURNS bigint
LANGUAGE sql SECURITY DEFINER SET search_path FROM CURRENT AS $$
  WITH forgotten AS (
    DELETE FROM sync_change WHERE ctid = ANY (ARRAY(
      SELECT c.ctid FROM sync_change c JOIN sync_run r USING (run_id)
      WHERE c.run_id = of_run AND r.finished_at < statement_timestamp() - greatest(retention, interval '1 hour')
        AND c.at < statement_timestamp() - greatest(retention, interval '1 hour')
      LIMIT most))
    RETURNING 1)
  SELECT count(*) FROM forgotten
$$;
REVOKE EXECUTE ON FUNCTION forget_changes(bigint, interval, integer) FROM PUBLIC;

-- Whoever may ask may not fill the disk: so many of one login's requests may wait.
CREATE FUNCTION sync_request_quota() RETURNS trigger LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
BEGIN
  IF (SELECT count(*) FROM (SELECT 1 FROM sync_request WHERE answered_at IS NULL AND requested_by = session_user
                            AND trigger IN ('on_demand', 'first_access') LIMIT 10001) waiting) > 10000 THEN
    RAISE EXCEPTION '% has 10000 requests that wait for their answers', session_user USING ERRCODE = '53400';
  END IF;
  RETURN NULL;
END $$;
DO $$
BEGIN
  CREATE TRIGGER sync_request_quota AFTER INSERT ON sync_request FOR EACH STATEMENT EXECUTE FUNCTION sync_request_quota();
EXCEPTION WHEN feature_not_supported OR internal_error THEN
  -- Citus alone has no triggers on sharded tables (an internal error): docs/scaling.md says what is missing there.
  IF NOT EXISTS (SELECT 1 FROM pg_extension WHERE extname = 'citus') THEN
    RAISE;
  END IF;
END $$;
