-- The mark that the mirror gave the version which the watermark names (version_history there). Null: from before there were
-- marks, so that the next run looks at everybody.
ALTER TABLE sync_state ADD COLUMN watermark_mark uuid;
