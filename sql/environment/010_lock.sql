-- What one transaction at a time does, by name: who holds the row does it. Rows and not advisory locks, because anybody who may
-- connect to the database can hold any of those.
CREATE TABLE sync_lock (
  name text PRIMARY KEY
);
INSERT INTO sync_lock VALUES ('guard'), ('non_interactive'), ('application');
