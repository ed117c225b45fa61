#include "dvsync/store/identity_queries.hpp"

#include <algorithm>
#include <array>
#include <unordered_map>
#include <unordered_set>

#include "dvsync/store/group_members.hpp"
#include "dvsync/store/postgres/copy_line.hpp"
#include "dvsync/store/postgres/values.hpp"
#include "dvsync/store/system_users.hpp"
#include "system_user_columns.hpp"

namespace dvsync::store {
namespace {

std::string select(const IdentityView& view) { return "SELECT " + view.columns() + " FROM our.identity i"; }

// Two ranges of two indexes: an OR would read the whole table. An array: of a table that was never analysed, IN would
// join all of it.
std::string changed(const Watermark& since) {
  return "i.object_id = ANY (ARRAY(SELECT object_id FROM our.identity WHERE version > 1 AND version > " +
         std::to_string(since.watermark) + " UNION SELECT object_id FROM our.identity WHERE account_expires > '" +
         to_string(since.evaluated_at) + "'::timestamptz AND account_expires <= now()))";
}

constexpr const char* around_group = R"(
WITH named AS MATERIALIZED (SELECT member_id, member_name FROM our.membership WHERE group_id = ANY ($1))
SELECT member_id FROM named WHERE member_id IS NOT NULL
UNION ALL SELECT i.object_id FROM named n JOIN our.identity i ON i.distinguished_name = substr(n.member_name, 4)
      WHERE n.member_name LIKE 'dn:%'
UNION ALL SELECT i.object_id FROM named n JOIN our.identity i ON i.login = substr(n.member_name, 5)
      WHERE n.member_name LIKE 'uid:%')";

std::vector<core::Guid> ids_of(const Rows& rows) {
  std::vector<core::Guid> ids;
  ids.reserve(static_cast<std::size_t>(rows.size()));
  for (int row = 0; row < rows.size(); ++row) ids.push_back(guid_at(rows, row, 0).value());
  return ids;
}

}  // namespace

std::string all_identities(const IdentityView& view, bool by_object_id) {
  return select(view) + (by_object_id ? " ORDER BY i.object_id" : "");
}

std::string changed_identities(const IdentityView& view, const Watermark& since) {
  return select(view) + " WHERE " + changed(since);
}

std::string linked_rows() {
  return "SELECT " + system_user_columns::select_list() +
         " FROM our.systemuser u WHERE u.azureactivedirectoryobjectid IS NOT NULL ORDER BY "
         "u.azureactivedirectoryobjectid";
}

bool has_linked_rows(Connection& environment) {
  return environment.exec("SELECT EXISTS (SELECT 1 FROM our.systemuser WHERE azureactivedirectoryobjectid IS NOT NULL)")
      .boolean(0, 0);
}

std::vector<core::Guid> linked_ids(Connection& environment) {
  return ids_of(environment.exec(
      "SELECT azureactivedirectoryobjectid FROM our.systemuser WHERE azureactivedirectoryobjectid IS NOT NULL"));
}

std::vector<core::Guid> all_ids(Connection& mirror) {
  constexpr int at_a_time = 20'000;
  Chunks chunks(mirror, "SELECT object_id FROM our.identity", at_a_time);
  std::vector<core::Guid> ids;
  Rows rows;
  while (chunks.next(rows)) {
    for (int row = 0; row < rows.size(); ++row) ids.push_back(guid_at(rows, row, 0).value());
  }
  return ids;
}

std::vector<core::Guid> changed_ids(Connection& mirror, const Watermark& since, std::optional<int> most) {
  const auto limit = most ? " LIMIT " + std::to_string(*most + 1) : "";
  return ids_of(mirror.exec("SELECT i.object_id FROM our.identity i WHERE " + changed(since) + limit));
}

std::vector<core::Guid> ids_around_group(Connection& mirror, const core::Guid& group, bool nested) {
  auto ids = ids_of(mirror.exec_uuids(around_group, uuid_array(std::array{group})));
  if (nested) {
    const auto through_others = nested_members(mirror, group, {});
    ids.insert(ids.end(), through_others.begin(), through_others.end());
  }
  return ids;
}

std::vector<core::Guid> ids_apart(Connection& mirror) {
  // They have an index of their own. The planner takes them for nearly everybody, and would look at everybody.
  mirror.exec("SET enable_seqscan = off");
  auto ids = ids_of(mirror.exec("SELECT object_id FROM our.identity_apart"));
  mirror.exec("RESET enable_seqscan");
  return ids;
}

std::vector<core::Guid> unchanged_among(Connection& mirror, const Watermark& since,
                                        const std::vector<core::Guid>& object_ids) {
  if (object_ids.empty()) return {};
  const auto rows =
      mirror.exec_uuids("SELECT i.object_id FROM our.identity i WHERE i.object_id = ANY ($1) AND " + changed(since),
                        uuid_array(object_ids));
  std::unordered_set<core::Guid> unchanged(object_ids.begin(), object_ids.end());
  for (int row = 0; row < rows.size(); ++row) unchanged.erase(guid_at(rows, row, 0).value());
  std::vector<core::Guid> ordered(unchanged.begin(), unchanged.end());
  std::sort(ordered.begin(), ordered.end());
  return ordered;
}

std::vector<core::Identity> read_identities(Connection& mirror, const IdentityView& view,
                                            const std::vector<core::Guid>& object_ids,
                                            const std::vector<core::Guid>& only_if_known) {
  const auto rows = mirror.exec_uuids(select(view) + " WHERE i.object_id = ANY ($1)", uuid_array(object_ids));
  std::unordered_map<core::Guid, int> found;
  for (int row = 0; row < rows.size(); ++row) found.emplace(guid_at(rows, row, identity_object_id).value(), row);
  std::vector<core::Identity> identities;
  identities.reserve(object_ids.size());
  for (const auto& id : object_ids) {
    const auto row = found.find(id);
    if (row != found.end()) {
      identities.push_back(view.identity_from(rows, row->second));
    } else if (!std::ranges::binary_search(only_if_known, id)) {
      identities.push_back(view.unknown_identity(id));
    }
  }
  return identities;
}

bool knows_identity(Connection& mirror, const core::Guid& object_id) {
  return !mirror.exec("SELECT 1 FROM our.identity WHERE object_id = $1::uuid", {core::to_string(object_id)}).empty();
}

std::vector<core::Guid> read_plans(Connection& mirror, const core::Guid& object_id) {
  const auto rows = mirror.exec(
      "SELECT unnest(p.plans) FROM our.identity i JOIN our.plan_set p USING (plan_set) WHERE i.object_id = $1::uuid",
      {core::to_string(object_id)});
  return ids_of(rows);
}

std::optional<std::vector<core::Guid>> administrators(Connection& mirror) {
  const auto told = mirror.exec(
      "SELECT count(*) FILTER (WHERE coverage = $2::int) > 0 AND count(*) FILTER (WHERE coverage NOT IN ($2::int, "
      "$3::int)) = 0 FROM our.role_coverage WHERE role < $1::int",
      {std::to_string(core::role_count), std::to_string(static_cast<int>(Known::complete)),
       std::to_string(static_cast<int>(Known::not_carried))});
  if (!told.boolean(0, 0)) return std::nullopt;
  const auto rows = mirror.exec("SELECT object_id FROM our.identity WHERE roles & $1::int <> 0 AND lifecycle = 0",
                                {std::to_string((1 << core::role_count) - 1)});
  return ids_of(rows);
}

}  // namespace dvsync::store
