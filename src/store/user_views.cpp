#include "dvsync/store/user_views.hpp"

#include "dvsync/store/postgres/values.hpp"
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
             " AND NOT u.isdisabled AND u.invitestatuscode = 0 AND EXISTS (SELECT FROM our.sync_change c WHERE "
             "c.systemuserid = u.systemuserid AND 'invitation_required' = ANY (c.notes))";
    case UserView::administrator_no_more:
      return people() +
             " AND EXISTS (SELECT FROM our.systemuserroles h JOIN our.role r USING (roleid) WHERE h.systemuserid = "
             "u.systemuserid AND (lower(r.name) = 'system administrator' OR to_jsonb(r) ->> 'roletemplateid' = "
             "'627090ff-40a3-4053-8790-584edc5be201')) AND u.azureactivedirectoryobjectid <> ALL ('" +
             administrators + "'::uuid[])";
    case UserView::without_role:
      return people() +
             " AND NOT u.isdisabled AND NOT EXISTS (SELECT FROM our.systemuserroles h WHERE h.systemuserid = "
             "u.systemuserid)" +
             (has_teams ? " AND NOT EXISTS (SELECT FROM our.teammembership m JOIN our.teamroles t USING (teamid) WHERE "
                          "m.systemuserid = u.systemuserid)"
                        : "");
    case UserView::purgeable:
      return people() + " AND u.azurestate = 2 AND u.isdisabled";
  }
  return "false";
}

ListedUser user_from(const Rows& rows, int row) {
  return {.systemuserid = guid_at(rows, row, 0).value(),
          .object_id = guid_at(rows, row, 1),
          .domainname = std::string(rows.text(row, 2)),
          .fullname = std::string(rows.text(row, 3)),
          .disabled = rows.boolean(row, 4),
          .disabledreason = std::string(rows.text(row, 5)),
          .access_mode = static_cast<int>(rows.number(row, 6)),
          .licensed = rows.boolean(row, 7),
          .azure_state = static_cast<int>(rows.number(row, 8)),
          .modified_on = std::string(rows.text(row, 9))};
}

}  // namespace

void list_users(Connection& environment, const std::vector<UserView>& views,
                const std::vector<core::Guid>& administrators, const std::function<void(const ListedUser&)>& on_user) {
  std::string query =
      "SELECT u.systemuserid, u.azureactivedirectoryobjectid, u.domainname, u.fullname, u.isdisabled, "
      "u.disabledreason, u.accessmode, u.islicensed, u.azurestate, "
      "to_char(u.modifiedon AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS\"Z\"') FROM our.systemuser u WHERE true";
  std::string listed = "{";
  for (const auto& id : administrators) listed += (listed.size() > 1 ? "," : "") + core::to_string(id);
  listed += "}";
  const auto there = environment.exec("SELECT to_regclass($1) IS NOT NULL AND to_regclass($2) IS NOT NULL",
                                      {environment.named("teammembership"), environment.named("teamroles")});
  for (const auto view : views) query += " AND " + condition_of(view, there.boolean(0, 0), listed);
  Chunks pieces(environment, query + " ORDER BY lower(u.domainname), u.systemuserid", rows_a_piece);
  Rows rows;
  while (pieces.next(rows)) {
    for (int row = 0; row < rows.size(); ++row) on_user(user_from(rows, row));
  }
}

}  // namespace dvsync::store
