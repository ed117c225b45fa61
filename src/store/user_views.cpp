#include "dvsync/store/user_views.hpp"

#include "dvsync/store/log_reader.hpp"
#include "dvsync/store/postgres/values.hpp"
#include "dvsync/store/security_roles.hpp"
#include "dvsync/store/system_users.hpp"

namespace dvsync::store {
namespace {

constexpr int rows_a_piece = 2000;

// Users of the directory: neither applications, nor stubs, nor Dataverse's own, nor deleted there.
const std::string& people() {
  static const std::string condition = std::string("(") + touchable_rows + ")";
  return condition;
}

std::string condition_of(UserView view, bool has_teams, const std::string& administrators) {
  switch (view) {
    case UserView::people:
      return people();
    case UserView::enabled:
      return people() + " AND NOT u.isdisabled";
    case UserView::disabled:
      return people() + " AND u.isdisabled";
    case UserView::stub:
      return stub_rows;
    case UserView::application:
      return "u.applicationid IS NOT NULL AND u.deletedstate = 0";
    case UserView::non_interactive:
      return "u.accessmode = 4 AND u.applicationid IS NULL AND u.deletedstate = 0";
    case UserView::administrative:
      return people() + " AND u.accessmode = 1";
    case UserView::not_in_directory:
      return people() + " AND u.azurestate = 2";
    case UserView::invitation_required:
      return people() +
             " AND NOT u.isdisabled AND u.invitestatuscode = 0 AND EXISTS (SELECT 1 FROM our.sync_change c WHERE "
             "c.systemuserid = u.systemuserid AND 'invitation_required' = ANY (c.notes))";
    case UserView::administrator_no_more:
      return people() + " AND u.systemuserid IN (" + system_administrators +
             ") AND u.azureactivedirectoryobjectid <> ALL ('" + administrators + "'::uuid[])";
    case UserView::without_role:
      return people() +
             " AND NOT u.isdisabled AND NOT EXISTS (SELECT 1 FROM our.systemuserroles h WHERE h.systemuserid = "
             "u.systemuserid)" +
             (has_teams
                  ? " AND NOT EXISTS (SELECT 1 FROM our.teammembership m JOIN our.teamroles t USING (teamid) WHERE "
                    "m.systemuserid = u.systemuserid)"
                  : "");
    case UserView::purgeable:
      return people() + " AND u.azurestate = 2 AND u.isdisabled";
  }
  return "false";
}

// The newest line that says whether the row is enabled; a disable of somebody else's is not in the log.
constexpr const char* last_transition =
    " LEFT JOIN LATERAL (SELECT c.at, c.action FROM our.sync_change c WHERE c.systemuserid = u.systemuserid AND "
    "c.action "
    "IN ('create', 'enable', 'disable') ORDER BY c.at DESC, c.change_id DESC LIMIT 1) t ON u.isdisabled";
constexpr const char* disabled_since = "CASE WHEN t.action = 'disable' THEN t.at END";

// The names of a row's security roles, of its own or of its teams.
std::string roles_of_row(Connection& environment, bool has_teams) {
  if (!may_read(environment, {"role", "systemuserroles"})) return "NULL::json";
  std::string held = "SELECT h.roleid FROM our.systemuserroles h WHERE h.systemuserid = u.systemuserid";
  if (has_teams) {
    held +=
        " UNION SELECT tr.roleid FROM our.teamroles tr JOIN our.teammembership m USING (teamid) WHERE "
        "m.systemuserid = u.systemuserid";
  }
  return "array_to_json(ARRAY(SELECT DISTINCT r.name FROM our.role r WHERE r.roleid IN (" + held + ") ORDER BY 1))";
}

std::string query_of(Connection& environment, const UserListing& listing) {
  const bool has_teams = may_read(environment, {"teammembership", "teamroles"});
  std::string query =
      "SELECT u.systemuserid, u.azureactivedirectoryobjectid, u.domainname, u.fullname, u.isdisabled, "
      "u.disabledreason, u.accessmode, u.islicensed, u.azurestate, "
      "to_char(u.modifiedon AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS\"Z\"')";
  if (listing.with_history) {
    query += ", " + microseconds_of(disabled_since) + ", " + roles_of_row(environment, has_teams);
  }
  query += " FROM our.systemuser u";
  if (listing.with_history) query += last_transition;
  query += " WHERE true";
  std::string administrators = "{";
  for (const auto& id : listing.administrators) {
    administrators += (administrators.size() > 1 ? "," : "") + core::to_string(id);
  }
  administrators += "}";
  for (const auto view : listing.views) query += " AND " + condition_of(view, has_teams, administrators);
  if (listing.disabled_for) {
    query += " AND u.isdisabled AND coalesce(" + std::string(disabled_since) +
             ", u.modifiedon, '-infinity') <= now() - make_interval(secs => " +
             std::to_string(listing.disabled_for->count()) + ")";
  }
  return query + " ORDER BY lower(u.domainname), u.systemuserid";
}

ListedUser user_from(const Rows& rows, int row, bool with_history) {
  ListedUser user{.systemuserid = guid_at(rows, row, 0).value(),
                  .object_id = guid_at(rows, row, 1),
                  .domainname = std::string(rows.text(row, 2)),
                  .fullname = std::string(rows.text(row, 3)),
                  .disabled = rows.boolean(row, 4),
                  .disabledreason = std::string(rows.text(row, 5)),
                  .access_mode = static_cast<int>(rows.number(row, 6)),
                  .licensed = rows.boolean(row, 7),
                  .azure_state = static_cast<int>(rows.number(row, 8)),
                  .modified_on = std::string(rows.text(row, 9))};
  if (!with_history) return user;
  user.disabled_since = timestamp_at(rows, row, 10);
  if (!rows.null(row, 11)) user.roles = texts_at(rows, row, 11);
  return user;
}

}  // namespace

void list_users(Connection& environment, const UserListing& listing,
                const std::function<void(const ListedUser&)>& on_user) {
  Chunks pieces(environment, query_of(environment, listing), rows_a_piece);
  Rows rows;
  while (pieces.next(rows)) {
    for (int row = 0; row < rows.size(); ++row) on_user(user_from(rows, row, listing.with_history));
  }
}

}  // namespace dvsync::store
