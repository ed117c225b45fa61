-- Which saved plan a run carried out, so that nobody carries it out twice.
ALTER TABLE sync_run ADD COLUMN plan text;
CREATE INDEX sync_run_plan ON sync_run (plan) WHERE plan IS NOT NULL;
