-- The newest lines of the log are asked for most, and an index of ranges reads whatever nobody has summarised yet.
ALTER INDEX sync_change_batch SET (autosummarize = on);
