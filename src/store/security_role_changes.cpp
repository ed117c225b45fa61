// SecurityRoles::write(): roles are given and taken.

#include "dvsync/store/postgres/copy_line.hpp"
#include "dvsync/store/security_roles.hpp"
#include "new_guid.hpp"
#include "postgres/copy_tuples.hpp"

namespace dvsync::store {
namespace {

constexpr const char* batch_role =
    "CREATE TEMP TABLE IF NOT EXISTS batch_role (systemuserid uuid, gained bigint, lost bigint, forgotten bigint) "
    "ON COMMIT DELETE ROWS";

// From so many on, roles of new rows are given by the ids they had when this was made; of fewer, by their names.
constexpr std::size_t many = 100;

template <class Lines>
void copy_roles(Connection& environment, const std::string& into, Lines& lines) {
  environment.copy_in("COPY " + into + Lines::statement_end, lines.lines());
}

std::int64_t bits_of(core::RoleSet roles) { return static_cast<std::int64_t>(roles); }

}  // namespace

void SecurityRoles::write(Connection& environment, const std::vector<core::Change*>& changes) const {
  std::vector<const core::Change*> differ;
  bool any_row = false;
  for (const auto* change : changes) {
    const auto& before = change->before.roles;
    const auto& after = change->after.roles;
    if (before.held == after.held && before.given == after.given) continue;
    differ.push_back(change);
    any_row = any_row || change->action != core::Decision::create;
  }
  if (differ.empty()) return;
  if (!any_row && differ.size() >= many) {
    give_to_new_rows(environment, differ);
  } else {
    change_roles(environment, differ);
  }
}

// Whoever is created gets the roles of one business unit, whose ids are known: most of the work of a first load is then
// PostgreSQL's alone.
void SecurityRoles::give_to_new_rows(Connection& environment, const std::vector<const core::Change*>& creates) const {
  CopyTuples given;
  for (const auto* create : creates) {
    given.begin_line();
    given.guid(create->after.systemuserid).array(uuid_array(roles_of_new_row(create->after.roles.held))).end_line();
  }
  copy_roles(environment, "our.sync_role (systemuserid, roleids", given);
  takes_binary_ ? assign(environment, creates, CopyTuples()) : assign(environment, creates, CopyLines());
}

template <class Lines>
void SecurityRoles::assign(Connection& environment, const std::vector<const core::Change*>& creates, Lines held) const {
  for (const auto* create : creates) {
    for (const auto& role : roles_of_new_row(create->after.roles.held)) {
      held.begin_line();
      held.guid(create->after.systemuserid).guid(role);
      if (has_ids_) held.guid(new_guid());
      held.end_line();
    }
  }
  copy_roles(environment,
             std::string("our.systemuserroles (systemuserid, roleid") + (has_ids_ ? ", systemuserroleid" : ""), held);
}

std::vector<core::Guid> SecurityRoles::roles_of_new_row(core::RoleSet roles) const {
  std::vector<core::Guid> ids;
  for (const auto& [bit, role] : of_new_rows_) {
    if ((roles & bit) != 0) ids.push_back(role);
  }
  return ids;
}

void SecurityRoles::change_roles(Connection& environment, const std::vector<const core::Change*>& changes) const {
  CopyLines lines;
  core::RoleSet forgotten = 0;
  core::RoleSet gained = 0;
  for (const auto* change : changes) {
    const auto& before = change->before.roles;
    const auto& after = change->after.roles;
    lines.guid(change->after.systemuserid);
    lines.number(bits_of(after.held & ~before.held)).number(bits_of(before.held & ~after.held));
    lines.number(bits_of(before.given & ~after.given)).end_line();
    gained |= after.held & ~before.held;
    forgotten |= before.given & ~after.given;
  }
  environment.exec(batch_role);
  environment.exec("TRUNCATE batch_role");
  copy_roles(environment, "batch_role (systemuserid, gained, lost, forgotten", lines);
  if (forgotten != 0) take_away(environment);
  if (gained == 0) return;
  const std::string unit = rows_have_units_ ? "u.businessunitid" : "NULL::uuid";
  environment.exec(
      managed(environment) +
      ", chosen AS (SELECT DISTINCT ON (b.systemuserid, m.bit) b.systemuserid, m.roleid "
      "FROM batch_role b JOIN our.systemuser u USING (systemuserid) JOIN managed m ON (m.bit & b.gained) <> "
      "0 WHERE " +
      (everywhere() ? "true" : "false") + " OR " + unit + " IS NULL OR m.businessunitid = " + unit +
      " ORDER BY b.systemuserid, m.bit, m.businessunitid IS DISTINCT FROM " + unit +
      ", m.roleid), remembered AS (INSERT INTO our.sync_role AS g (systemuserid, roleids) SELECT "
      "systemuserid, array_agg(roleid) FROM chosen GROUP BY systemuserid ON CONFLICT (systemuserid) DO UPDATE SET "
      "roleids = g.roleids || excluded.roleids, given_at = excluded.given_at) INSERT INTO our.systemuserroles "
      "(systemuserid, roleid" +
      std::string(has_ids_ ? ", systemuserroleid" : "") + ") SELECT systemuserid, roleid" +
      (has_ids_ ? ", gen_random_uuid()" : "") + " FROM chosen");
}

// Of batch_role. A role that somebody took already is forgotten only.
void SecurityRoles::take_away(Connection& environment) const {
  environment.exec(managed(environment) +
                   "DELETE FROM our.systemuserroles h USING our.sync_role g, batch_role b, managed m WHERE "
                   "h.systemuserid = b.systemuserid AND g.systemuserid = b.systemuserid AND h.roleid = m.roleid AND "
                   "m.roleid = ANY (g.roleids) AND (m.bit & b.forgotten & b.lost) <> 0");
  environment.exec(managed(environment) +
                   ", kept AS (SELECT g.systemuserid, coalesce(array_agg(r.roleid) FILTER (WHERE coalesce(m.bit & "
                   "b.forgotten, 0) = 0), '{}') AS roleids FROM batch_role b JOIN our.sync_role g USING (systemuserid) "
                   "CROSS JOIN unnest(g.roleids) r (roleid) LEFT JOIN managed m USING (roleid) WHERE b.forgotten <> 0 "
                   "GROUP BY g.systemuserid) UPDATE our.sync_role g SET roleids = kept.roleids FROM kept WHERE "
                   "g.systemuserid = kept.systemuserid");
}

}  // namespace dvsync::store
