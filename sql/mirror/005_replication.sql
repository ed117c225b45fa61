-- Every table that is updated or deleted from has a primary key: without one, PostgreSQL refuses updates and deletes as
-- soon as a publication names the table, and CREATE PUBLICATION ... FOR ALL TABLES names it.

-- A member is named by its id or by a name, one of which is null, and a key has no nulls. A name's key is half of its
-- hash. Not a generated column: publications leave those out, and so would the key be left out.
CREATE FUNCTION member_key(member_id uuid, member_name text) RETURNS uuid LANGUAGE sql STABLE AS $$
  SELECT coalesce(member_id, encode(substr(sha256(convert_to(member_name, 'UTF8')), 1, 16), 'hex')::uuid)
$$;

ALTER TABLE membership ADD COLUMN member_key uuid;
UPDATE membership SET member_key = member_key(member_id, member_name);
DROP INDEX membership_member;
ALTER TABLE membership ADD PRIMARY KEY (group_id, relation, member_key);

ALTER TABLE role_member ADD COLUMN member_key uuid;
UPDATE role_member SET member_key = member_key(member_id, member_name);
DROP INDEX role_member_member;
ALTER TABLE role_member ADD PRIMARY KEY (role, member_key);

CREATE SEQUENCE rejected_record_entry;
ALTER TABLE rejected_record ADD COLUMN entry bigint;
UPDATE rejected_record SET entry = nextval('rejected_record_entry');
ALTER TABLE rejected_record ALTER COLUMN entry SET DEFAULT nextval('rejected_record_entry');
ALTER TABLE rejected_record ADD PRIMARY KEY (entry);
