-- At the door: before a first access is refused, the directory is asked about this user (docs/rules.md D15). Whoever finds that
-- hands the request to those who ask.
ALTER TABLE sync_request ADD COLUMN ask_directory boolean NOT NULL DEFAULT false;
