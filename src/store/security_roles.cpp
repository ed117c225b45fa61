#include "dvsync/store/security_roles.hpp"

#include <cstring>

#include "dvsync/store/postgres/copy_line.hpp"
#include "dvsync/store/postgres/values.hpp"
#include "roles_of_rows.hpp"
#include "system_user_columns.hpp"

namespace dvsync::store {
namespace {

// As core::same_role() compares.
std::string canonical(const std::string& name) {
  return "CASE lower(" + name + ") WHEN '" + std::string(core::basic_user_before) + "' THEN '" +
         std::string(core::basic_user) + "' ELSE lower(" + name + ") END";
}

// Flags in the XML of organization.orgdborgsettings: <AllowRoleAssignmentOnDisabledUsers>true</…>.
std::string flag_in(const std::string& settings, const std::string& name) {
  return "coalesce(lower((xpath('//" + name + "/text()', " + settings + "))[1]::text) = 'true', false)";
}

void read_settings(Connection& environment, RoleCatalog& catalog) {
  const auto there = environment.exec(
      "SELECT EXISTS (SELECT 1 FROM pg_attribute WHERE attrelid = to_regclass($1) AND attname = 'orgdborgsettings' "
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

core::RoleSet set_at(const Rows& rows, int row, int column) {
  return static_cast<core::RoleSet>(rows.optional_number(row, column).value_or(0));
}

using BitsOfRoles = std::unordered_map<core::Guid, core::RoleSet>;

// Of the roles in arrays as PostgreSQL sends them. Most rows have the same as the row before.
class BitsOfArrays {
 public:
  explicit BitsOfArrays(const BitsOfRoles& bits) : bits_(bits) {}

  core::RoleSet at(std::string_view array) {
    if (array == last_) return of_last_;
    last_ = array;
    of_last_ = 0;
    for (auto at = header + length; at + sizeof(core::Guid::bytes) <= array.size();
         at += length + sizeof(core::Guid::bytes)) {
      core::Guid role;
      std::memcpy(role.bytes.data(), array.data() + at, role.bytes.size());
      const auto found = bits_.find(role);
      if (found != bits_.end()) of_last_ |= found->second;
    }
    return of_last_;
  }

 private:
  static constexpr std::size_t header = 20;  // dimensions, nulls, type, elements, lower bound
  static constexpr std::size_t length = 4;   // before each element

  const BitsOfRoles& bits_;
  std::string last_;
  core::RoleSet of_last_ = 0;
};

// Of a query whose rows begin with a systemuserid. False: there are too many of them.
template <class Add>
bool read_each(Connection& environment, const std::string& query, RolesOfRows& all, const Add& add) {
  constexpr int piece = 10'000;
  bool fits = true;
  environment.begin_reading(query);
  Rows rows;
  core::Guid before;
  core::RowRoles* of = nullptr;
  while (environment.read(rows, piece)) {
    for (int row = 0; row < rows.size() && fits; ++row) {
      const auto id = guid_at(rows, row, 0).value();
      if (of == nullptr || id != before) of = all.of(id);  // a row's roles mostly stand together
      before = id;
      fits = of != nullptr;
      if (fits) add(*of, rows, row);
    }
  }
  return fits;
}

}  // namespace

SecurityRoles::SecurityRoles(Connection& environment, std::vector<std::string> names,
                             std::optional<core::Guid> business_unit)
    : names_(std::move(names)), business_unit_(business_unit) {
  const auto columns = environment.exec(
      "SELECT EXISTS (SELECT 1 FROM pg_attribute WHERE attrelid = $1::regclass AND attname = 'businessunitid' AND NOT "
      "attisdropped), EXISTS (SELECT 1 FROM pg_attribute WHERE attrelid = to_regclass($2) AND attname = "
      "'systemuserroleid' AND NOT attisdropped AND (NOT atthasdef OR atttypid = 'uuid'::regtype AND attgenerated = '') "
      "AND attidentity = ''), "
      "to_regclass($2) IS NOT NULL AND to_regclass($3) IS NOT NULL, "
      "NOT EXISTS (SELECT 1 FROM pg_attribute WHERE attrelid = to_regclass($2) AND attname IN ('systemuserid', "
      "'roleid', 'systemuserroleid') AND NOT attisdropped AND atttypid <> 'uuid'::regtype)",
      {environment.named("systemuser"), environment.named("systemuserroles"), environment.named("role")});
  if (!columns.boolean(0, 2)) {
    throw StoreError(
        StoreError::Kind::schema,
        environment.place() + ": `roles` is configured, and the schema has no tables role and systemuserroles");
  }
  rows_have_units_ = columns.boolean(0, 0);
  has_ids_ = columns.boolean(0, 1);
  takes_binary_ = columns.boolean(0, 3);
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

core::RowRoles SecurityRoles::without_roles() const {
  return {.held = 0, .given = 0, .available = everywhere() ? catalog_.exist : catalog_.available};
}

// systemuserid, the bit of a role that the row holds, the bit of one that the sync gave it.
std::string SecurityRoles::held_and_given(Connection& environment, const std::string& where) const {
  return managed(environment) +
         "SELECT h.systemuserid, m.bit AS held, 0::bigint AS given FROM our.systemuserroles h JOIN managed m USING "
         "(roleid) WHERE h.systemuserid " +
         where +
         " UNION ALL SELECT g.systemuserid, 0, m.bit FROM our.sync_role g JOIN managed m ON m.roleid = ANY "
         "(g.roleids) WHERE g.systemuserid " +
         where;
}

// systemuserid, and the roles that are available to a row of another business unit than that of new rows.
std::string SecurityRoles::in_other_units(Connection& environment) const {
  return managed(environment) +
         "SELECT u.systemuserid, (SELECT bit_or(m.bit) FROM managed m WHERE u.businessunitid IS NULL OR "
         "m.businessunitid = u.businessunitid) FROM our.systemuser u WHERE u.businessunitid IS DISTINCT FROM " +
         (business_unit_ ? environment.literal(core::to_string(*business_unit_)) + "::uuid" : "NULL::uuid");
}

void SecurityRoles::read(Connection& environment, const std::vector<core::SystemUser*>& rows) const {
  if (rows.empty()) return;
  std::unordered_map<core::Guid, core::SystemUser*> by_id;
  for (auto* row : rows) {
    row->roles = without_roles();
    by_id.emplace(row->systemuserid, row);
  }
  const auto ids = array_of(rows);
  const auto found = environment.exec_uuids(held_and_given(environment, "= ANY ($1)"), ids);
  for (int row = 0; row < found.size(); ++row) {
    auto& roles = by_id.at(guid_at(found, row, 0).value())->roles;
    roles.held |= set_at(found, row, 1);
    roles.given |= set_at(found, row, 2);
  }
  if (everywhere()) return;
  const auto elsewhere = environment.exec_uuids(in_other_units(environment) + " AND u.systemuserid = ANY ($1)", ids);
  for (int row = 0; row < elsewhere.size(); ++row) {
    by_id.at(guid_at(elsewhere, row, 0).value())->roles.available = set_at(elsewhere, row, 1);
  }
}

// Ids as they stand in the tables, whose bits are looked up here: a join for every row costs PostgreSQL more.
std::shared_ptr<const RolesOfRows> SecurityRoles::read_all(Connection& environment) const {
  BitsOfRoles bits;
  std::vector<std::string> ids;
  const auto roles = environment.exec(managed(environment) + "SELECT roleid, bit FROM managed");
  for (int row = 0; row < roles.size(); ++row) {
    bits[guid_at(roles, row, 0).value()] |= set_at(roles, row, 1);
    ids.emplace_back(roles.text(row, 0));
  }
  const auto among =
      " WHERE systemuserid IS NOT NULL AND roleid = ANY (" + environment.literal(to_array(ids)) + "::uuid[])";
  auto all = std::make_shared<RolesOfRows>(without_roles());
  BitsOfArrays given(bits);
  const bool fits =
      read_each(
          environment, "SELECT systemuserid, roleid FROM our.systemuserroles" + among, *all,
          [&](core::RowRoles& of, const Rows& rows, int row) { of.held |= bits.at(guid_at(rows, row, 1).value()); }) &&
      read_each(environment, "SELECT systemuserid, roleids FROM our.sync_role", *all,
                [&](core::RowRoles& of, const Rows& rows, int row) { of.given |= given.at(rows.text(row, 1)); }) &&
      (everywhere() ||
       read_each(environment, in_other_units(environment), *all,
                 [](core::RowRoles& of, const Rows& rows, int row) { of.available = set_at(rows, row, 1); }));
  return fits ? all : nullptr;
}

void SecurityRoles::take(const RolesOfRows& all, const std::vector<core::SystemUser*>& rows) {
  for (auto* row : rows) row->roles = all.at(row->systemuserid);
}

std::vector<core::SystemUser> SecurityRoles::stubs_without_role(Connection& environment, const core::Guid& after,
                                                                int most, Lock lock) const {
  const auto found = environment.exec(
      "SELECT " + system_user_columns::select_list() + " FROM our.systemuser u WHERE " + stub_rows +
          " AND u.systemuserid > $1::uuid AND NOT EXISTS (SELECT 1 FROM our.systemuserroles h WHERE h.systemuserid = "
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
