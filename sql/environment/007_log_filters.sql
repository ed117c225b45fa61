-- A run's changes are read piece by piece, so that no statement lasts as long as somebody reads: batches follow each other in
-- the table, and the index finds them by number too.
CREATE INDEX sync_change_batch ON sync_change USING brin (run_id, batch_no) WITH (pages_per_range = 32);
DROP INDEX sync_change_run;
-- Who was changed for a certain reason. Nearly every line of a first load has the one that is left out.
CREATE INDEX sync_change_reason ON sync_change (reason, run_id) WHERE reason <> 'entitled';
