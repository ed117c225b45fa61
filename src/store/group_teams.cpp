#include "dvsync/store/group_teams.hpp"

#include <algorithm>

#include "dvsync/store/postgres/copy_line.hpp"
#include "dvsync/store/postgres/values.hpp"
#include "teams_of_rows.hpp"

namespace dvsync::store {

GroupTeams::GroupTeams(Connection& environment) {
  const auto there = environment.exec(
      "SELECT to_regclass($1) IS NOT NULL AND to_regclass($2) IS NOT NULL, EXISTS (SELECT 1 FROM pg_attribute WHERE "
      "attrelid = to_regclass($2) AND attname = 'teammembershipid' AND NOT attisdropped AND NOT atthasdef AND "
      "attidentity = '')",
      {environment.named("team"), environment.named("teammembership")});
  if (!there.boolean(0, 0)) {
    throw StoreError(StoreError::Kind::schema, environment.place() +
                                                   ": `group_teams` is configured, and the schema has no tables team "
                                                   "and teammembership");
  }
  needs_ids_ = there.boolean(0, 1);
  const auto rows = environment.exec(
      "SELECT teamid, name, azureactivedirectoryobjectid, membershiptype FROM our.team WHERE teamtype IN (2, 3) AND "
      "azureactivedirectoryobjectid IS NOT NULL AND membershiptype BETWEEN 0 AND 3 ORDER BY teamid");
  for (int row = 0; row < rows.size(); ++row) {
    places_.emplace(guid_at(rows, row, 0).value(), static_cast<std::uint32_t>(row));
    teams_.push_back({.teamid = guid_at(rows, row, 0).value(),
                      .name = std::string(rows.text(row, 1)),
                      .group = guid_at(rows, row, 2).value(),
                      .members = static_cast<core::TeamMembers>(rows.number(row, 3))});
  }
}

std::vector<std::string> GroupTeams::names() const {
  std::vector<std::string> names;
  for (const auto& team : teams_) names.push_back(team.name);
  return names;
}

// In these teams. They are named, so that the key (teamid, systemuserid) finds a user where no index begins with users.
std::string GroupTeams::memberships(Connection& environment) const {
  std::vector<std::string> ids;
  for (const auto& team : teams_) ids.push_back(core::to_string(team.teamid));
  return "SELECT m.systemuserid, m.teamid FROM our.teammembership m WHERE m.systemuserid IS NOT NULL AND m.teamid = "
         "ANY "
         "(" +
         environment.literal(to_array(ids)) + "::uuid[])";
}

void GroupTeams::read(Connection& environment, const std::vector<core::SystemUser*>& rows) const {
  if (rows.empty() || teams_.empty()) return;
  UuidArray ids;
  std::unordered_map<core::Guid, core::SystemUser*> by_id;
  for (auto* row : rows) {
    row->teams.clear();
    ids.add(row->systemuserid);
    by_id.emplace(row->systemuserid, row);
  }
  const auto found = environment.exec_uuids(memberships(environment) + " AND m.systemuserid = ANY ($1)", ids.bytes());
  for (int i = 0; i < found.size(); ++i) {
    by_id.at(guid_at(found, i, 0).value())->teams.push_back(places_.at(guid_at(found, i, 1).value()));
  }
  for (auto* row : rows) {
    std::ranges::sort(row->teams);
    row->teams.erase(std::unique(row->teams.begin(), row->teams.end()), row->teams.end());
  }
}

std::shared_ptr<const TeamsOfRows> GroupTeams::read_all(Connection& environment) const {
  constexpr int piece = 10'000;
  auto all = std::make_shared<TeamsOfRows>();
  if (teams_.empty()) return all;
  bool fits = true;
  environment.begin_reading(memberships(environment));
  Rows rows;
  while (environment.read(rows, piece)) {
    for (int row = 0; row < rows.size() && fits; ++row) {
      fits = all->add(guid_at(rows, row, 0).value(), places_.at(guid_at(rows, row, 1).value()));
    }
  }
  if (!fits) return nullptr;
  all->sort();
  return all;
}

void GroupTeams::take(const TeamsOfRows& all, const std::vector<core::SystemUser*>& rows) {
  for (auto* row : rows) row->teams = all.at(row->systemuserid);
}

void GroupTeams::write(Connection& environment, const std::vector<core::Change*>& changes) const {
  CopyLines lines;
  for (const auto* change : changes) {
    const auto& before = change->before.teams;
    const auto& after = change->after.teams;
    const auto add = [&](const core::TeamSet& teams, bool joins) {
      for (const auto team : teams) {
        lines.guid(change->after.systemuserid).guid(teams_.at(team).teamid).boolean(joins).end_line();
      }
    };
    add(core::without(after, before), true);
    add(core::without(before, after), false);
  }
  if (lines.empty()) return;
  environment.exec(
      "CREATE TEMP TABLE IF NOT EXISTS batch_team (systemuserid uuid, teamid uuid, joins boolean) ON COMMIT DELETE "
      "ROWS");
  environment.exec("TRUNCATE batch_team");
  environment.copy_in("COPY batch_team (systemuserid, teamid, joins) FROM STDIN", lines.lines());
  environment.exec(
      "DELETE FROM our.teammembership m USING batch_team b WHERE NOT b.joins AND m.systemuserid = b.systemuserid AND "
      "m.teamid = b.teamid");
  environment.exec("INSERT INTO our.teammembership (systemuserid, teamid" +
                   std::string(needs_ids_ ? ", teammembershipid" : "") + ") SELECT b.systemuserid, b.teamid" +
                   (needs_ids_ ? ", gen_random_uuid()" : "") +
                   " FROM batch_team b JOIN our.team USING (teamid) WHERE b.joins");
}

}  // namespace dvsync::store
