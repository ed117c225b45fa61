// Which groups and roles a user has, onto the identity: what the directory says of groups is derived once for a pull,
// and not by every environment again.

#include "group_edges.hpp"
#include "merge_sql.hpp"

namespace dvsync::store::merge_sql {
namespace {

// Whose derived facts may have moved: whoever was touched, came new, or is reached through a group that was touched.
constexpr const char* targets_of_changes = R"(
CREATE TEMP TABLE IF NOT EXISTS target (object_id uuid);
DELETE FROM target;
INSERT INTO target
SELECT member_id AS object_id FROM touched WHERE member_id IS NOT NULL
UNION SELECT i.object_id FROM touched t JOIN our.identity i ON i.distinguished_name = substr(t.member_name, 4)
      WHERE t.member_name LIKE 'dn:%'
UNION SELECT i.object_id FROM touched t JOIN our.identity i ON i.login = substr(t.member_name, 5)
      WHERE t.member_name LIKE 'uid:%'
UNION SELECT object_id FROM stage_identity)";

// A membership between groups moved, or a group's name: everybody with a nested membership, before or after.
constexpr const char* targets_of_nesting = R"(
INSERT INTO target
SELECT object_id FROM our.identity WHERE nested_groups IS NOT NULL
UNION SELECT m.member_id FROM our.membership m WHERE m.member_id IS NOT NULL AND NOT m.member_is_group
  AND m.group_id NOT IN (SELECT object_id FROM our.named_group WHERE object_id IS NOT NULL)
UNION SELECT i.object_id FROM our.membership m JOIN our.identity i ON i.distinguished_name = substr(m.member_name, 4)
  WHERE m.member_name LIKE 'dn:%' AND m.group_id NOT IN (SELECT object_id FROM our.named_group WHERE object_id IS NOT NULL))";

// Of users, by `belongs` and `holds`, their memberships and roles. `users`: whose facts are written; a user without
// either loses what was derived before.
struct Reach {
  const char* memberships;
  const char* users;
};

// A few are looked up among the memberships.
constexpr Reach targets{
    R"(
who AS MATERIALIZED (SELECT i.object_id, i.distinguished_name, i.login
                     FROM (SELECT DISTINCT object_id FROM target) t JOIN our.identity i USING (object_id)),
belongs AS MATERIALIZED (
  SELECT w.object_id, m.group_id, m.relation FROM who w JOIN our.membership m ON m.member_id = w.object_id
  UNION ALL SELECT w.object_id, m.group_id, m.relation FROM who w JOIN our.membership m
    ON m.member_name = 'dn:' || w.distinguished_name
  UNION ALL SELECT w.object_id, m.group_id, m.relation FROM who w JOIN our.membership m ON m.member_name = 'uid:' || w.login),
holds AS (
  SELECT w.object_id, m.role FROM who w JOIN our.role_member m ON m.member_id = w.object_id
  UNION ALL SELECT w.object_id, m.role FROM who w JOIN our.role_member m ON m.member_name = 'dn:' || w.distinguished_name
  UNION ALL SELECT w.object_id, m.role FROM who w JOIN our.role_member m ON m.member_name = 'uid:' || w.login))",
    "who LEFT JOIN grouped g USING (object_id) LEFT JOIN role r USING (object_id)"};

// For everybody of a first load, of whom nothing was derived before, the memberships are read once; most of them name
// their member by its id.
constexpr Reach everybody{
    R"(
belongs AS MATERIALIZED (
  SELECT member_id AS object_id, group_id, relation FROM our.membership WHERE member_id IS NOT NULL
  UNION ALL SELECT i.object_id, m.group_id, m.relation FROM our.membership m JOIN our.identity i
    ON i.distinguished_name = substr(m.member_name, 4) WHERE m.member_name LIKE 'dn:%'
  UNION ALL SELECT i.object_id, m.group_id, m.relation FROM our.membership m JOIN our.identity i
    ON i.login = substr(m.member_name, 5) WHERE m.member_name LIKE 'uid:%'),
holds AS (
  SELECT member_id AS object_id, role FROM our.role_member WHERE member_id IS NOT NULL
  UNION ALL SELECT i.object_id, m.role FROM our.role_member m JOIN our.identity i
    ON i.distinguished_name = substr(m.member_name, 4) WHERE m.member_name LIKE 'dn:%'
  UNION ALL SELECT i.object_id, m.role FROM our.role_member m JOIN our.identity i
    ON i.login = substr(m.member_name, 5) WHERE m.member_name LIKE 'uid:%'))",
    "grouped g FULL JOIN role r USING (object_id)"};

std::string derive_statement(const Reach& reach) {
  return std::string("WITH RECURSIVE ") + group_edges + R"(,
named AS MATERIALIZED (SELECT DISTINCT object_id FROM our.named_group WHERE object_id IS NOT NULL),
below (top, group_id) AS (  -- UNION, not UNION ALL: loops end
  SELECT n.object_id, e.child FROM named n JOIN edge e ON e.parent = n.object_id
  UNION SELECT b.top, e.child FROM below b JOIN edge e ON e.parent = b.group_id),)" +
         reach.memberships + R"(,
standing AS (
  SELECT b.object_id, b.group_id, b.relation FROM belongs b JOIN named n ON n.object_id = b.group_id
  UNION SELECT b.object_id, below.top, 2 FROM belongs b JOIN below ON below.group_id = b.group_id WHERE b.relation = 0),
grouped AS (
  SELECT object_id, array_agg(group_id ORDER BY group_id) FILTER (WHERE relation = 0) AS direct_groups,
    array_agg(group_id ORDER BY group_id) FILTER (WHERE relation = 1) AS owned_groups,
    array_agg(group_id ORDER BY group_id) FILTER (WHERE relation = 2) AS nested_groups
  FROM standing GROUP BY object_id),
role AS (SELECT object_id, bit_or(1 << role)::smallint AS roles FROM holds GROUP BY object_id),
derived AS (
  SELECT object_id, coalesce(r.roles, 0::smallint) AS roles, g.direct_groups, g.owned_groups, g.nested_groups
  FROM )" +
         reach.users +
         R"()
UPDATE our.identity i SET roles = d.roles, direct_groups = d.direct_groups, owned_groups = d.owned_groups,
  nested_groups = d.nested_groups, version = $1::bigint
FROM derived d
WHERE i.object_id = d.object_id AND (i.roles, i.direct_groups, i.owned_groups, i.nested_groups)
  IS DISTINCT FROM (d.roles, d.direct_groups, d.owned_groups, d.nested_groups))";
}

bool nesting_moved(Connection& mirror) {
  if (any(mirror, "SELECT 1 FROM touched WHERE is_group")) return true;
  mirror.exec(hash_joins_only);
  const bool by_name = any(
      mirror, "SELECT 1 FROM touched t JOIN our.directory_group g ON t.member_name = 'dn:' || g.distinguished_name");
  mirror.exec(every_join);
  return by_name;
}

bool nothing_to_derive_from(Connection& mirror) {
  return !any(mirror, "SELECT 1 FROM our.membership") && !any(mirror, "SELECT 1 FROM our.role_member");
}

}  // namespace

void derive(Connection& mirror, std::int64_t version) {
  // A directory without groups and roles (the common small case, and every quiet run) has nothing to derive.
  if (!any(mirror, "SELECT 1 FROM touched") && nothing_to_derive_from(mirror)) return;
  mirror.exec(targets_of_changes);
  if (nesting_moved(mirror)) mirror.exec(targets_of_nesting);
  mirror.exec("ANALYZE target");
  mirror.exec(derive_statement(targets), {std::to_string(version)});
}

void derive_everybody(Connection& mirror, std::int64_t version) {
  if (nothing_to_derive_from(mirror)) return;
  mirror.exec(hash_joins_only);
  mirror.exec(derive_statement(everybody), {std::to_string(version)});
  mirror.exec(every_join);
}

}  // namespace dvsync::store::merge_sql
