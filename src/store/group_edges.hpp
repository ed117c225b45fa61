#pragma once
// Which group is a member of which, for a WITH RECURSIVE on the mirror. Private to store.

namespace dvsync::store {

// Few of the members are groups. They are asked for by array: a join would read every membership of a table that was
// never analysed.
inline constexpr const char* group_edges = R"(
edge (parent, child) AS MATERIALIZED (
  SELECT m.group_id, m.member_id FROM our.membership m
  WHERE m.relation = 0 AND m.member_id = ANY (ARRAY(SELECT object_id FROM our.directory_group))
  UNION
  SELECT m.group_id, g.object_id
  FROM our.membership m JOIN our.directory_group g ON m.member_name = 'dn:' || g.distinguished_name
  WHERE m.relation = 0
    AND m.member_name = ANY (ARRAY(SELECT 'dn:' || distinguished_name FROM our.directory_group
                                   WHERE distinguished_name IS NOT NULL))))";

}  // namespace dvsync::store
