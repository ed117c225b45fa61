#include "dvsync/store/group_members.hpp"

#include "dvsync/store/postgres/values.hpp"
#include "group_edges.hpp"

namespace dvsync::store {

std::optional<core::Guid> find_group(Connection& mirror, const std::string& word) {
  const auto rows = mirror.exec(
      "SELECT object_id FROM our.named_group WHERE lower(name) = lower($1) AND object_id IS NOT NULL "
      "UNION SELECT object_id FROM our.directory_group WHERE object_id::text = lower($1) "
      "OR lower(distinguished_name) = lower($1)",
      {word});
  return rows.empty() ? std::nullopt : guid_at(rows, 0, 0);
}

std::vector<std::string> group_names(Connection& mirror) {
  const auto rows = mirror.exec("SELECT name FROM our.named_group ORDER BY name");
  std::vector<std::string> names;
  for (int row = 0; row < rows.size(); ++row) names.push_back(text_at(rows, row, 0));
  return names;
}

std::unordered_set<core::Guid> nested_members(Connection& mirror, const core::Guid& group,
                                              const std::vector<core::Guid>& without) {
  std::vector<std::string> excluded;
  for (const auto& id : without) excluded.push_back(core::to_string(id));
  const auto rows = mirror.exec(
      std::string("WITH RECURSIVE ") + group_edges +
          ", below (group_id) AS ("  // UNION, not UNION ALL: loops end
          "  SELECT child FROM edge WHERE parent = $1::uuid AND child <> ALL ($2::uuid[]) "
          "  UNION SELECT e.child FROM below b JOIN edge e ON e.parent = b.group_id WHERE e.child <> ALL "
          "($2::uuid[])), "
          "belongs AS (SELECT m.member_id, m.member_name FROM our.membership m JOIN below USING (group_id) "
          "            WHERE m.relation = 0) "
          "SELECT member_id FROM belongs WHERE member_id IS NOT NULL "
          "UNION SELECT i.object_id FROM belongs b JOIN our.identity i ON b.member_name = 'dn:' || "
          "i.distinguished_name "
          "UNION SELECT i.object_id FROM belongs b JOIN our.identity i ON b.member_name = 'uid:' || i.login",
      {core::to_string(group), to_array(excluded)});
  std::unordered_set<core::Guid> members;
  for (int row = 0; row < rows.size(); ++row) members.insert(guid_at(rows, row, 0).value());
  return members;
}

}  // namespace dvsync::store
