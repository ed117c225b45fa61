#include "merge_sql.hpp"

namespace dvsync::store::merge_sql {
namespace {

// The last word on each membership of this pull.
constexpr const char* net_changes = R"(
CREATE TEMP TABLE net_membership ON COMMIT DROP AS
SELECT DISTINCT ON (group_id, relation, member_id, member_name)
  group_id, relation, member_id, member_name, member_is_group, removed
FROM stage_membership ORDER BY group_id, relation, member_id, member_name, seq DESC;
CREATE TEMP TABLE net_role ON COMMIT DROP AS
SELECT DISTINCT ON (role, member_id, member_name) role, member_id, member_name, removed
FROM stage_role ORDER BY role, member_id, member_name, seq DESC;
ANALYZE net_membership; ANALYZE net_role)";

// Completeness first: changes keep an earlier complete answer complete, and an unreadable one unreadable. Of a list
// that was cut only a part is known, whatever was known before.
constexpr const char* merge_groups = R"(
INSERT INTO our.directory_group AS g (object_id, distinguished_name, members, owners)
SELECT DISTINCT ON (object_id) object_id, distinguished_name, members, owners FROM stage_group
WHERE object_id IS NOT NULL ORDER BY object_id
ON CONFLICT (object_id) DO UPDATE SET distinguished_name = coalesce(excluded.distinguished_name, g.distinguished_name),
  members = CASE WHEN excluded.members = 1 AND g.members IN (0, 2) THEN g.members ELSE excluded.members END,
  owners = CASE WHEN excluded.owners = 1 AND g.owners IN (0, 2) THEN g.owners ELSE excluded.owners END;
CREATE TEMP TABLE was_named ON COMMIT DROP AS SELECT * FROM our.named_group;
DELETE FROM our.named_group;
INSERT INTO our.named_group (name, object_id, detail, gone)
SELECT DISTINCT ON (s.name) s.name, s.object_id,
  coalesce(nullif(s.detail, ''), CASE WHEN g.members = 2 THEN w.detail END),
  s.gone OR (s.members = 1 AND g.members = 2 AND coalesce(w.gone, false))
FROM stage_group s LEFT JOIN our.directory_group g ON g.object_id = s.object_id LEFT JOIN was_named w ON w.name = s.name
WHERE s.named ORDER BY s.name;
INSERT INTO our.role_coverage AS c SELECT role, coverage FROM stage_role_coverage
ON CONFLICT (role) DO UPDATE SET
  coverage = CASE WHEN excluded.coverage = 1 AND c.coverage IN (0, 2) THEN c.coverage ELSE excluded.coverage END;
UPDATE our.directory_group g SET members = CASE WHEN s.members_cut THEN 1 ELSE g.members END,
  owners = CASE WHEN s.owners_cut THEN 1 ELSE g.owners END
FROM stage_group s WHERE s.object_id = g.object_id AND (s.members_cut OR s.owners_cut);
UPDATE our.role_coverage c SET coverage = 1 FROM stage_role_coverage s WHERE s.role = c.role AND s.cut)";

// A group that is named for the first time may have been known as a nested one.
constexpr const char* touch_members_of_newly_named = R"(
INSERT INTO touched SELECT member_id, member_name, member_is_group FROM our.membership
WHERE group_id IN (SELECT object_id FROM stage_group WHERE named EXCEPT SELECT object_id FROM our.named_group))";

// Groups nobody names any more, and with them their members; a pull of changes is silent about most of those that
// others nest.
constexpr const char* forget_groups = R"(
WITH forgotten AS (
  DELETE FROM our.directory_group g WHERE NOT EXISTS (SELECT 1 FROM stage_group s WHERE s.object_id = g.object_id)
  RETURNING object_id),
gone AS (
  DELETE FROM our.membership m USING forgotten f WHERE f.object_id = m.group_id
  RETURNING member_id, member_name, member_is_group)
INSERT INTO touched SELECT * FROM gone)";

// By id or by name, never both in one condition: only plain equality can be hashed.
constexpr const char* withdraw_members = R"(
WITH gone AS (
  DELETE FROM our.membership m USING net_membership n
  WHERE n.removed AND n.group_id = m.group_id AND n.relation = m.relation AND n.member_id = m.member_id
  RETURNING m.member_id, m.member_name, m.member_is_group)
INSERT INTO touched SELECT * FROM gone;
WITH gone AS (
  DELETE FROM our.membership m USING net_membership n
  WHERE n.removed AND n.group_id = m.group_id AND n.relation = m.relation AND n.member_id IS NULL
    AND n.member_name = m.member_name
  RETURNING m.member_id, m.member_name, m.member_is_group)
INSERT INTO touched SELECT * FROM gone)";

// What the mirror holds of groups that were told whole, and this pull does not name. $1: the version at which those
// known by id were compared, so that of them only who was merged since is left.
constexpr const char* list_unseen_members = R"(
WITH told AS (SELECT object_id, 0 AS relation FROM stage_group WHERE members = 0
              UNION SELECT object_id, 1 FROM stage_group WHERE owners = 0),
kept AS (SELECT group_id, relation, member_id, coalesce(member_name, '') AS member_name FROM net_membership WHERE NOT removed)
INSERT INTO stage_unseen_member
SELECT m.group_id, m.relation, m.member_key FROM our.membership m JOIN told t ON t.object_id = m.group_id AND t.relation = m.relation
WHERE (m.member_id IS NULL OR $1::bigint IS NULL
       OR m.member_id IN (SELECT object_id FROM our.identity WHERE version > 1 AND version > $1::bigint))
  AND NOT EXISTS (SELECT 1 FROM kept k WHERE k.group_id = m.group_id AND k.relation = m.relation
                  AND k.member_id = m.member_id)
  AND NOT EXISTS (SELECT 1 FROM kept k WHERE k.group_id = m.group_id AND k.relation = m.relation
                  AND k.member_id IS NULL AND k.member_name = m.member_name))";

constexpr const char* drop_unseen_members = R"(
WITH gone AS (
  DELETE FROM our.membership m USING stage_unseen_member u
  WHERE u.group_id = m.group_id AND u.relation = m.relation AND u.member_key = m.member_key
  RETURNING m.member_id, m.member_name, m.member_is_group)
INSERT INTO touched SELECT * FROM gone)";

constexpr const char* add_members = R"(
WITH come AS (
  INSERT INTO our.membership (group_id, relation, member_id, member_name, member_is_group, member_key)
  SELECT group_id, relation, member_id, member_name, member_is_group, member_key(member_id, member_name)
  FROM net_membership n
  WHERE NOT removed AND EXISTS (SELECT 1 FROM our.directory_group g WHERE g.object_id = n.group_id)
  ON CONFLICT DO NOTHING RETURNING member_id, member_name, member_is_group)
INSERT INTO touched SELECT * FROM come)";

// A first load brings memberships straight into the mirror; which groups there are is known only at its end.
constexpr const char* drop_members_of_no_group =
    "DELETE FROM our.membership m WHERE NOT EXISTS (SELECT 1 FROM our.directory_group g WHERE g.object_id = "
    "m.group_id)";

constexpr const char* merge_roles = R"(
WITH gone AS (
  DELETE FROM our.role_member m USING net_role n WHERE n.removed AND n.role = m.role AND n.member_id = m.member_id
  RETURNING m.member_id, m.member_name)
INSERT INTO touched SELECT member_id, member_name, false FROM gone;
WITH gone AS (
  DELETE FROM our.role_member m USING net_role n
  WHERE n.removed AND n.role = m.role AND n.member_id IS NULL AND n.member_name = m.member_name
  RETURNING m.member_id, m.member_name)
INSERT INTO touched SELECT member_id, member_name, false FROM gone;
WITH told AS (SELECT DISTINCT role FROM stage_role_coverage WHERE coverage = 0),
kept AS (SELECT role, member_id, member_name FROM net_role WHERE NOT removed),
gone AS (
  DELETE FROM our.role_member m USING told t
  WHERE t.role = m.role
    AND NOT EXISTS (SELECT 1 FROM kept k WHERE k.role = m.role AND k.member_id = m.member_id)
    AND NOT EXISTS (SELECT 1 FROM kept k WHERE k.role = m.role AND k.member_id IS NULL AND k.member_name = m.member_name)
  RETURNING m.member_id, m.member_name)
INSERT INTO touched SELECT member_id, member_name, false FROM gone;
WITH come AS (
  INSERT INTO our.role_member (role, member_id, member_name, member_key)
  SELECT role, member_id, member_name, member_key(member_id, member_name) FROM net_role WHERE NOT removed
  ON CONFLICT DO NOTHING RETURNING member_id, member_name)
INSERT INTO touched SELECT member_id, member_name, false FROM come)";

void drop_unseen(Connection& mirror, std::optional<std::int64_t> compared_at) {
  if (!any(mirror, "SELECT 1 FROM stage_group WHERE members = 0 OR owners = 0")) return;  // no list was told whole
  mirror.exec(list_unseen_members, {compared_at ? Parameter(std::to_string(*compared_at)) : Parameter()});
  if (!any(mirror, "SELECT 1 FROM stage_unseen_member")) return;
  mirror.exec(every_join);
  mirror.exec("ANALYZE stage_unseen_member");
  mirror.exec(drop_unseen_members);
  mirror.exec(hash_joins_only);
}

}  // namespace

void merge_memberships(Connection& mirror, const Staged& staged, bool complete) {
  mirror.exec(net_changes);
  mirror.exec(hash_joins_only);
  if (!staged.first_load) mirror.exec(touch_members_of_newly_named);  // of a first load everybody is derived
  mirror.exec(merge_groups);
  if (complete) mirror.exec(forget_groups);
  if (staged.first_load) mirror.exec(drop_members_of_no_group);
  mirror.exec(withdraw_members);
  if (!staged.first_load) drop_unseen(mirror, staged.compared_at);
  mirror.exec(add_members);
  mirror.exec(merge_roles);
  mirror.exec(every_join);
}

}  // namespace dvsync::store::merge_sql
