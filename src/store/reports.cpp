#include "dvsync/store/reports.hpp"

#include "dvsync/store/postgres/copy_line.hpp"
#include "dvsync/store/postgres/values.hpp"
#include "dvsync/store/security_roles.hpp"
#include "dvsync/store/system_users.hpp"
#include "log_filter.hpp"

namespace dvsync::store {
namespace {

constexpr int users_a_piece = 2000;

// The groups of an identity are derived, so that one table tells direct, nested and owned alike.
constexpr const char* group_counts = R"(
WITH belonging (group_id, kind) AS (
  SELECT unnest(direct_groups), 'direct' FROM our.identity WHERE lifecycle = 0 AND direct_groups IS NOT NULL
  UNION ALL SELECT unnest(owned_groups), 'owned' FROM our.identity WHERE lifecycle = 0 AND owned_groups IS NOT NULL
  UNION ALL SELECT g, 'nested' FROM our.identity, unnest(nested_groups) g
            WHERE lifecycle = 0 AND nested_groups IS NOT NULL AND (g = ANY (direct_groups)) IS NOT TRUE)
SELECT n.name, count(*) FILTER (WHERE b.kind = 'direct'), count(*) FILTER (WHERE b.kind = 'nested'),
  count(*) FILTER (WHERE b.kind = 'owned')
FROM our.named_group n LEFT JOIN belonging b ON b.group_id = n.object_id GROUP BY n.name ORDER BY n.name)";

std::string literal_of(const std::vector<core::Guid>& ids) {
  std::string list = "{";
  for (const auto& id : ids) list += (list.size() > 1 ? "," : "") + core::to_string(id);
  return list + "}";
}

}  // namespace

std::vector<DirectoryAdministrator> read_administrators(Connection& mirror) {
  const auto rows = mirror.exec(
      "SELECT object_id, user_principal_name, display_name, roles FROM our.identity WHERE roles & $1::int <> 0 AND "
      "lifecycle = 0 ORDER BY lower(user_principal_name), object_id",
      {std::to_string((1 << core::role_count) - 1)});
  std::vector<DirectoryAdministrator> found;
  for (int row = 0; row < rows.size(); ++row) {
    auto& one = found.emplace_back(DirectoryAdministrator{.object_id = guid_at(rows, row, 0).value(),
                                                          .user_name = text_at(rows, row, 1),
                                                          .display_name = text_at(rows, row, 2),
                                                          .roles = {}});
    for (std::size_t role = 0; role < core::role_count; ++role) {
      if ((rows.number(row, 3) >> role & 1) != 0) one.roles.push_back(static_cast<core::Role>(role));
    }
  }
  return found;
}

std::vector<AdministratorRow> administrator_rows(Connection& environment, const std::vector<core::Guid>& object_ids) {
  const bool has_roles = may_read(environment, {"role", "systemuserroles"});
  std::string query = "WITH administrator AS (SELECT systemuserid, ";
  query += has_roles
               ? "true AS by_role FROM (" + std::string(system_administrators) + ") s UNION ALL SELECT systemuserid, "
               : std::string();
  query += has_roles ? "false" : "NULL::boolean";
  query += std::string(has_roles ? "" : " AS by_role") +
           " FROM our.systemuser WHERE azureactivedirectoryobjectid = ANY ($1::uuid[])) "
           "SELECT u.systemuserid, u.azureactivedirectoryobjectid, u.domainname, u.isdisabled, u.disabledreason, "
           "u.accessmode, bool_or(a.by_role) FROM administrator a JOIN our.systemuser u USING (systemuserid) "
           "WHERE u.applicationid IS NULL AND coalesce(u.deletedstate, 0) = 0 "
           "GROUP BY u.systemuserid ORDER BY lower(u.domainname), u.systemuserid";
  const auto rows = environment.exec(query, {literal_of(object_ids)});
  std::vector<AdministratorRow> found;
  for (int row = 0; row < rows.size(); ++row) {
    found.push_back({.systemuserid = guid_at(rows, row, 0).value(),
                     .object_id = guid_at(rows, row, 1),
                     .domainname = text_at(rows, row, 2),
                     .disabled = rows.boolean(row, 3),
                     .disabledreason = text_at(rows, row, 4),
                     .access_mode = static_cast<int>(rows.number(row, 5)),
                     .system_administrator = rows.null(row, 6) ? std::nullopt : std::optional(rows.boolean(row, 6))});
  }
  return found;
}

std::vector<NamedGroup> read_named_groups(Connection& mirror) {
  const auto groups = read_groups(mirror);
  const auto rows = mirror.exec(group_counts);
  std::vector<NamedGroup> found;
  for (int row = 0; row < rows.size(); ++row) {
    found.push_back({.name = text_at(rows, row, 0),
                     .known = group_named(groups, text_at(rows, row, 0)),
                     .direct = rows.number(row, 1),
                     .nested = rows.number(row, 2),
                     .owners = rows.number(row, 3)});
  }
  return found;
}

void list_group(Connection& mirror, const core::Guid& group, const std::function<void(const GroupUser&)>& on_user) {
  const auto id = "'" + core::to_string(group) + "'::uuid";
  const auto in = [&id](const char* groups) { return "coalesce(" + id + " = ANY (" + groups + "), false)"; };
  Chunks pieces(mirror,
                "SELECT object_id, user_principal_name, display_name, account_enabled, " + in("direct_groups") + ", " +
                    in("nested_groups") + ", " + in("owned_groups") + " FROM our.identity WHERE lifecycle = 0 AND (" +
                    in("direct_groups") + " OR " + in("nested_groups") + " OR " + in("owned_groups") +
                    ") ORDER BY lower(user_principal_name), object_id",
                users_a_piece);
  Rows rows;
  while (pieces.next(rows)) {
    for (int row = 0; row < rows.size(); ++row) {
      on_user({.object_id = guid_at(rows, row, 0).value(),
               .user_name = text_at(rows, row, 1),
               .display_name = text_at(rows, row, 2),
               .account_enabled = rows.null(row, 3) ? std::nullopt : std::optional(rows.boolean(row, 3)),
               .direct = rows.boolean(row, 4),
               .nested = rows.boolean(row, 5),
               .owner = rows.boolean(row, 6)});
    }
  }
}

std::vector<TimelyRun> read_lags(Connection& environment, const std::optional<Since>& since,
                                 const std::optional<Since>& until) {
  std::string query = "SELECT " + microseconds_of("finished_at") +
                      ", (extract(epoch FROM finished_at - behind_since) * 1000)::bigint FROM our.sync_run WHERE "
                      "behind_since IS NOT NULL AND finished_at IS NOT NULL";
  if (since) query += " AND " + not_before("finished_at", *since);
  if (until) query += " AND " + not_after("finished_at", *until);
  const auto rows = environment.exec(query + " ORDER BY finished_at");
  std::vector<TimelyRun> found;
  for (int row = 0; row < rows.size(); ++row) {
    found.push_back({timestamp_at(rows, row, 0).value(), std::chrono::milliseconds(rows.number(row, 1))});
  }
  return found;
}

}  // namespace dvsync::store
