#include "dvsync/store/security_roles.hpp"

#include "dvsync/store/postgres/copy_line.hpp"
#include "dvsync/store/postgres/values.hpp"
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
    "ON COMMIT DELETE ROWS; TRUNCATE batch_role";

std::int64_t bits_of(core::RoleSet roles) { return static_cast<std::int64_t>(roles); }

}  // namespace

SecurityRoles::SecurityRoles(Connection& environment, std::vector<std::string> names,
                             std::optional<core::Guid> business_unit)
    : names_(std::move(names)) {
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
  const auto sets = environment.exec(
      managed(environment) +
          "SELECT coalesce(bit_or(bit), 0), coalesce(bit_or(bit) FILTER (WHERE $2::boolean OR $1::uuid IS NULL OR "
          "businessunitid = $1::uuid), 0) FROM managed",
      {business_unit ? Parameter(core::to_string(*business_unit)) : Parameter(),
       std::string(catalog_.across_business_units ? "t" : "f")});
  catalog_.exist = static_cast<core::RoleSet>(sets.number(0, 0));
  catalog_.available = static_cast<core::RoleSet>(sets.number(0, 1));
}

// The roles with a managed name, each with its bit.
std::string SecurityRoles::managed(Connection& environment) const {
  return "WITH managed AS MATERIALIZED (SELECT r.roleid, r.businessunitid, 1::bigint << (n.position - 1)::int AS bit "
         "FROM unnest(" +
         environment.literal(to_array(names_)) + "::text[]) WITH ORDINALITY n (name, position) JOIN our.role r ON " +
         canonical("r.name") + " = " + canonical("n.name") + ") ";
}

void SecurityRoles::read(Connection& environment, const std::vector<core::SystemUser*>& rows) const {
  if (rows.empty()) return;
  const std::string unit = rows_have_units_ ? "u.businessunitid" : "NULL::uuid";
  const std::string everywhere = catalog_.across_business_units || !rows_have_units_ ? "true" : "false";
  const auto found = environment.exec_uuids(
      managed(environment) +
          "SELECT u.systemuserid, "
          "(SELECT bit_or(m.bit) FROM our.systemuserroles h JOIN managed m USING (roleid) WHERE h.systemuserid = "
          "u.systemuserid), "
          "(SELECT bit_or(m.bit) FROM our.sync_role g JOIN managed m USING (roleid) WHERE g.systemuserid = "
          "u.systemuserid), "
          "(SELECT bit_or(m.bit) FROM managed m WHERE " +
          everywhere + " OR " + unit + " IS NULL OR m.businessunitid = " + unit +
          ") FROM our.systemuser u WHERE u.systemuserid = ANY ($1)",
      array_of(rows));
  std::unordered_map<core::Guid, core::RowRoles> roles;
  for (int row = 0; row < found.size(); ++row) {
    const auto set = [&](int column) {
      return static_cast<core::RoleSet>(found.optional_number(row, column).value_or(0));
    };
    roles.emplace(guid_at(found, row, 0).value(), core::RowRoles{set(1), set(2), set(3)});
  }
  for (auto* row : rows) row->roles = roles[row->systemuserid];
}

void SecurityRoles::write(Connection& environment, const std::vector<core::Change*>& changes) const {
  CopyLines lines;
  bool any = false;
  for (const auto* change : changes) {
    const auto& before = change->before.roles;
    const auto& after = change->after.roles;
    if (before.held == after.held && before.given == after.given) continue;
    any = true;
    lines.guid(change->after.systemuserid);
    lines.number(bits_of(after.held & ~before.held)).number(bits_of(before.held & ~after.held));
    lines.number(bits_of(before.given & ~after.given)).end_line();
  }
  if (!any) return;
  environment.exec(batch_role);
  environment.begin_copy("COPY batch_role (systemuserid, gained, lost, forgotten) FROM STDIN");
  environment.put_copy(lines.lines());
  environment.end_copy();
  environment.exec(managed(environment) +
                   ", gone AS (DELETE FROM our.sync_role g USING batch_role b, managed m WHERE g.systemuserid = "
                   "b.systemuserid AND g.roleid = m.roleid AND (m.bit & b.forgotten) <> 0 RETURNING g.systemuserid, "
                   "g.roleid, (m.bit & b.lost) <> 0 AS lost) "
                   "DELETE FROM our.systemuserroles h USING gone WHERE gone.lost AND h.systemuserid = "
                   "gone.systemuserid AND h.roleid = gone.roleid");
  const std::string unit = rows_have_units_ ? "u.businessunitid" : "NULL::uuid";
  const std::string everywhere = catalog_.across_business_units || !rows_have_units_ ? "true" : "false";
  environment.exec(
      managed(environment) +
      ", chosen AS (SELECT DISTINCT ON (b.systemuserid, m.bit) b.systemuserid, m.roleid "
      "FROM batch_role b JOIN our.systemuser u USING (systemuserid) JOIN managed m ON (m.bit & b.gained) <> "
      "0 WHERE " +
      everywhere + " OR " + unit + " IS NULL OR m.businessunitid = " + unit +
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
