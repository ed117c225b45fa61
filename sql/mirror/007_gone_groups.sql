-- A group that is gone is not one that cannot be read: its team loses its members (docs/rules.md D19).
ALTER TABLE named_group ADD COLUMN gone boolean NOT NULL DEFAULT false;
