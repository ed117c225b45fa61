-- Agent users (docs/rules.md D17): no background run creates a row for one.
ALTER TABLE identity ADD COLUMN agent boolean NOT NULL DEFAULT false;
