#include "dvsync/store/security_roles.hpp"

#include "dvsync/store/postgres/copy_line.hpp"
#include "dvsync/store/postgres/values.hpp"
#include "new_guid.hpp"
#include "system_user_columns.hpp"

namespace dvsync::store {
namespace {

// Ignoring case; Basic User had another name once.
std::string canonical(const std::string& name) {
  return "CASE lower(" + name + ") WHEN 'common data service user' THEN 'basic user' ELSE lower(" + name + ") END";
}

// Flags in the XML of organization.orgdborgsettings: <AllowRoleAssignmentOnDisabledUsers>true</…>.
std::string flag_in(const std::string& settings, const std::string& name) {
  return "coalesce(lower((xpath('//" + name + "/text()', " + settings + "))[1]::text) = 'true', false)";
}

void read_settings(Connection& environment, RoleCatalog& catalog) {
  const auto there = environment.exec(
      "SELECT EXISTS (SELECT FROM pg_attribute WHERE attrelid = to_regclass($1) AND attname = 'orgdborgsettings' "
      "AND NOT attisdropped) AND has_table_privilege(to_regclass($1), 'SELECT')",
      {environment.named("organization")});
  if (there.null(0, 0) || !there.boolean(0, 0)) return;
  const std::string settings = "(SELECT orgdborgsettings::text FROM our.organization LIMIT 1)";
  const auto known =
      environment.exec("SELECT " + settings + " IS NULL OR xml_is_well_formed_document(" + settings + ")");
  catalog.settings_known = known.boolean(0, 0);
  if (!catalog.settings_known) return;
  const auto flags = environment.exec("SELECT " + flag_in("x", "AllowRoleAssignmentOnDisabledUsers") + ", " +
                                      flag_in("x", "EnableOwnershipAcrossBusinessUnits") + " FROM (SELECT " + settings +
                                      "::xml AS x) organization");
  catalog.on_disabled_users = flags.boolean(0, 0);
  catalog.across_business_units = flags.boolean(0, 1);
}

std::string array_of(const std::vector<core::SystemUser*>& rows) {
  UuidArray ids;
  for (const auto* row : rows) ids.add(row->systemuserid);
  return ids.bytes();
}

constexpr const char* batch_role =
    "CREATE TEMP TABLE IF NOT EXISTS batch_role (systemuserid uuid, gained bigint, lost bigint, forgotten bigint) "
    "ON COMMIT DELETE ROWS";

// From so many on, roles of new rows are given by the ids they had when this was made; of fewer, by their names.
constexpr std::size_t many = 100;

std::int64_t bits_of(core::RoleSet roles) { return static_cast<std::int64_t>(roles); }

}  // namespace

SecurityRoles::SecurityRoles(Connection& environment, std::vector<std::string> names,
                             std::optional<core::Guid> business_unit)
    : names_(std::move(names)), business_unit_(business_unit) {
  const auto columns = environment.exec(
      "SELECT EXISTS (SELECT FROM pg_attribute WHERE attrelid = $1::regclass AND attname = 'businessunitid' AND NOT "
      "attisdropped), EXISTS (SELECT FROM pg_attribute WHERE attrelid = to_regclass($2) AND attname = "
      "'systemuserroleid' AND NOT attisdropped AND NOT atthasdef AND attidentity = ''), "
      "to_regclass($2) IS NOT NULL AND to_regclass($3) IS NOT NULL",
      {environment.named("systemuser"), environment.named("systemuserroles"), environment.named("role")});
  if (!columns.boolean(0, 2)) {
    throw StoreError(
        StoreError::Kind::schema,
        environment.place() + ": `roles` is configured, and the schema has no tables role and systemuserroles");
  }
  rows_have_units_ = columns.boolean(0, 0);
  needs_ids_ = columns.boolean(0, 1);
  read_settings(environment, catalog_);
  const auto unit = business_unit_ ? Parameter(core::to_string(*business_unit_)) : Parameter();
  const auto rows =
      environment.exec(managed(environment) +
                           "SELECT bit, (array_agg(roleid ORDER BY businessunitid IS DISTINCT FROM $1::uuid, roleid) "
                           "FILTER (WHERE $2::boolean OR $1::uuid IS NULL OR businessunitid = $1::uuid))[1] FROM "
                           "managed GROUP BY bit",
                       {unit, std::string(catalog_.across_business_units ? "t" : "f")});
  for (int row = 0; row < rows.size(); ++row) {
    const auto bit = static_cast<core::RoleSet>(rows.number(row, 0));
    catalog_.exist |= bit;
    const auto role = guid_at(rows, row, 1);
    if (!role) continue;
    catalog_.available |= bit;
    of_new_rows_.emplace_back(bit, *role);
  }
}

// The roles with a managed name, each with its bit.
std::string SecurityRoles::managed(Connection& environment) const {
  return "WITH managed AS MATERIALIZED (SELECT r.roleid, r.businessunitid, 1::bigint << (n.position - 1)::int AS bit "
         "FROM unnest(" +
         environment.literal(to_array(names_)) + "::text[]) WITH ORDINALITY n (name, position) JOIN our.role r ON " +
         canonical("r.name") + " = " + canonical("n.name") + ") ";
}

bool SecurityRoles::everywhere() const { return catalog_.across_business_units || !rows_have_units_; }

void SecurityRoles::read(Connection& environment, const std::vector<core::SystemUser*>& rows) const {
  if (rows.empty()) return;
  std::unordered_map<core::Guid, core::SystemUser*> by_id;
  for (auto* row : rows) {
    row->roles = {.held = 0, .given = 0, .available = everywhere() ? catalog_.exist : catalog_.available};
    by_id.emplace(row->systemuserid, row);
  }
  const auto ids = array_of(rows);
  const auto set = [](const Rows& found, int row, int column) {
    return static_cast<core::RoleSet>(found.optional_number(row, column).value_or(0));
  };
  const auto found = environment.exec_uuids(
      managed(environment) +
          "SELECT systemuserid, bit_or(held), bit_or(given) FROM ("
          "SELECT h.systemuserid, m.bit AS held, 0 AS given FROM our.systemuserroles h JOIN managed m USING (roleid) "
          "WHERE h.systemuserid = ANY ($1) UNION ALL SELECT g.systemuserid, 0, m.bit FROM our.sync_role g "
          "JOIN managed m USING (roleid) WHERE g.systemuserid = ANY ($1)) roles GROUP BY systemuserid",
      ids);
  for (int row = 0; row < found.size(); ++row) {
    auto& roles = by_id.at(guid_at(found, row, 0).value())->roles;
    roles.held = set(found, row, 1);
    roles.given = set(found, row, 2);
  }
  if (everywhere()) return;
  const auto elsewhere = environment.exec_uuids(
      managed(environment) +
          "SELECT u.systemuserid, (SELECT bit_or(m.bit) FROM managed m WHERE u.businessunitid IS NULL OR "
          "m.businessunitid = u.businessunitid) FROM our.systemuser u WHERE u.systemuserid = ANY ($1) AND "
          "u.businessunitid IS DISTINCT FROM " +
          (business_unit_ ? environment.literal(core::to_string(*business_unit_)) + "::uuid" : "NULL::uuid"),
      ids);
  for (int row = 0; row < elsewhere.size(); ++row) {
    by_id.at(guid_at(elsewhere, row, 0).value())->roles.available = set(elsewhere, row, 1);
  }
}

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
  CopyLines held;
  CopyLines given;
  for (const auto* create : creates) {
    const auto& id = create->after.systemuserid;
    for (const auto& [bit, role] : of_new_rows_) {
      if ((create->after.roles.held & bit) == 0) continue;
      given.guid(id).guid(role).end_line();
      held.guid(id).guid(role);
      if (needs_ids_) held.guid(new_guid());
      held.end_line();
    }
  }
  const auto copy = [&](const std::string& into, const CopyLines& lines) {
    environment.begin_copy("COPY " + into + " FROM STDIN");
    environment.put_copy(lines.lines());
    environment.end_copy();
  };
  copy("our.sync_role (systemuserid, roleid)", given);
  copy(std::string("our.systemuserroles (systemuserid, roleid") + (needs_ids_ ? ", systemuserroleid)" : ")"), held);
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
  environment.begin_copy("COPY batch_role (systemuserid, gained, lost, forgotten) FROM STDIN");
  environment.put_copy(lines.lines());
  environment.end_copy();
  if (forgotten != 0) {
    environment.exec(managed(environment) +
                     ", gone AS (DELETE FROM our.sync_role g USING batch_role b, managed m WHERE g.systemuserid = "
                     "b.systemuserid AND g.roleid = m.roleid AND (m.bit & b.forgotten) <> 0 RETURNING g.systemuserid, "
                     "g.roleid, (m.bit & b.lost) <> 0 AS lost) "
                     "DELETE FROM our.systemuserroles h USING gone WHERE gone.lost AND h.systemuserid = "
                     "gone.systemuserid AND h.roleid = gone.roleid");
  }
  if (gained == 0) return;
  const std::string unit = rows_have_units_ ? "u.businessunitid" : "NULL::uuid";
  environment.exec(
      managed(environment) +
      ", chosen AS (SELECT DISTINCT ON (b.systemuserid, m.bit) b.systemuserid, m.roleid "
      "FROM batch_role b JOIN our.systemuser u USING (systemuserid) JOIN managed m ON (m.bit & b.gained) <> "
      "0 WHERE " +
      (everywhere() ? "true" : "false") + " OR " + unit + " IS NULL OR m.businessunitid = " + unit +
      " ORDER BY b.systemuserid, m.bit, m.businessunitid IS DISTINCT FROM " + unit +
      ", m.roleid), remembered AS (INSERT INTO our.sync_role (systemuserid, roleid) SELECT * FROM chosen "
      "ON CONFLICT DO NOTHING) INSERT INTO our.systemuserroles (systemuserid, roleid" +
      std::string(needs_ids_ ? ", systemuserroleid" : "") + ") SELECT systemuserid, roleid" +
      (needs_ids_ ? ", gen_random_uuid()" : "") + " FROM chosen");
}

std::vector<core::SystemUser> SecurityRoles::stubs_without_role(Connection& environment, const core::Guid& after,
                                                                int most, Lock lock) const {
  const auto found = environment.exec(
      "SELECT " + system_user_columns::select_list() + " FROM our.systemuser u WHERE " + stub_rows +
          " AND u.systemuserid > $1::uuid AND NOT EXISTS (SELECT FROM our.systemuserroles h WHERE h.systemuserid = "
          "u.systemuserid) ORDER BY u.systemuserid LIMIT $2::int" +
          (lock == Lock::yes ? " FOR NO KEY UPDATE OF u SKIP LOCKED" : ""),
      {core::to_string(after), std::to_string(most)});
  std::vector<core::SystemUser> stubs;
  std::vector<core::SystemUser*> rows;
  stubs.reserve(static_cast<std::size_t>(found.size()));
  for (int row = 0; row < found.size(); ++row) rows.push_back(&stubs.emplace_back(row_from(found, row)));
  read(environment, rows);
  return stubs;
}

const char* const system_administrators =
    "SELECT h.systemuserid FROM our.systemuserroles h JOIN our.role r USING (roleid) WHERE lower(r.name) = 'system "
    "administrator' OR to_jsonb(r) ->> 'roletemplateid' = '627090ff-40a3-4053-8790-584edc5be201'";

bool may_read(Connection& environment, std::initializer_list<const char*> tables) {
  for (const auto* table : tables) {
    const auto may =
        environment.exec("SELECT has_table_privilege(to_regclass($1), 'SELECT')", {environment.named(table)});
    if (may.null(0, 0) || !may.boolean(0, 0)) return false;
  }
  return true;
}

std::optional<HeldRoles> held_roles(Connection& environment, const core::Guid& systemuserid) {
  if (!may_read(environment, {"role", "systemuserroles"})) return std::nullopt;
  const auto names = [&](const std::string& from) {
    const auto rows = environment.exec("SELECT DISTINCT r.name FROM our.role r JOIN " + from + " ORDER BY 1",
                                       {core::to_string(systemuserid)});
    std::vector<std::string> found;
    for (int row = 0; row < rows.size(); ++row) found.emplace_back(rows.text(row, 0));
    return found;
  };
  HeldRoles held{.direct = names("our.systemuserroles h USING (roleid) WHERE h.systemuserid = $1::uuid"),
                 .through_teams = {}};
  if (may_read(environment, {"teammembership", "teamroles"})) {
    held.through_teams = names(
        "our.teamroles t USING (roleid) JOIN our.teammembership m USING (teamid) WHERE m.systemuserid = $1::uuid");
  }
  return held;
}

}  // namespace dvsync::store
