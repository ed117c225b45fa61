-- How far the numbers of the notes reach tells whether very many wait (docs/rules.md D16), so sessions do not take numbers in stock.
DO $$
BEGIN
  ALTER SEQUENCE sync_touched_id CACHE 1;
EXCEPTION WHEN feature_not_supported OR internal_error THEN
  -- Citus alone changes no sequence of a sharded schema (an internal error), and has no triggers that would note anything.
  IF NOT EXISTS (SELECT 1 FROM pg_extension WHERE extname = 'citus') THEN
    RAISE;
  END IF;
END $$;
