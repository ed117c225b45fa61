-- Every table that is updated or deleted from has a primary key: without one, PostgreSQL refuses updates and deletes as
-- soon as a publication names the table, and CREATE PUBLICATION ... FOR ALL TABLES names it.

-- The key begins with the user, so that it also finds a user's changes. The number follows from a sequence and not from
-- an identity column, which Citus does not add to a table that has rows.
CREATE SEQUENCE sync_change_id CACHE 100;
ALTER TABLE sync_change ADD COLUMN change_id bigint DEFAULT nextval('sync_change_id');
DROP INDEX sync_change_user;
ALTER TABLE sync_change ADD PRIMARY KEY (systemuserid, change_id);

CREATE SEQUENCE sync_rejected_id;
ALTER TABLE sync_rejected ADD COLUMN rejected_id bigint DEFAULT nextval('sync_rejected_id');
ALTER TABLE sync_rejected ADD PRIMARY KEY (rejected_id);
