#include "system_user_table.hpp"

#include <algorithm>
#include <array>
#include <string_view>

#include "dvsync/core/system_user.hpp"

namespace dvsync::store {
namespace {

enum class Kind : std::uint8_t { text, uuid, boolean, number, time };

struct Wanted {
  std::string_view name;
  Kind kind;
};

constexpr std::array wanted_columns{Wanted{"systemuserid", Kind::uuid},
                                    Wanted{"azureactivedirectoryobjectid", Kind::uuid},
                                    Wanted{"applicationid", Kind::uuid},
                                    Wanted{"deletedstate", Kind::number},
                                    Wanted{"domainname", Kind::text},
                                    Wanted{"firstname", Kind::text},
                                    Wanted{"lastname", Kind::text},
                                    Wanted{"fullname", Kind::text},
                                    Wanted{"internalemailaddress", Kind::text},
                                    Wanted{"jobtitle", Kind::text},
                                    Wanted{"address1_telephone1", Kind::text},
                                    Wanted{"mobilephone", Kind::text},
                                    Wanted{"homephone", Kind::text},
                                    Wanted{"address1_fax", Kind::text},
                                    Wanted{"address1_line1", Kind::text},
                                    Wanted{"address1_city", Kind::text},
                                    Wanted{"address1_stateorprovince", Kind::text},
                                    Wanted{"address1_postalcode", Kind::text},
                                    Wanted{"address1_country", Kind::text},
                                    Wanted{"islicensed", Kind::boolean},
                                    Wanted{"isdisabled", Kind::boolean},
                                    Wanted{"disabledreason", Kind::text},
                                    Wanted{"accessmode", Kind::number},
                                    Wanted{"setupuser", Kind::boolean},
                                    Wanted{"azurestate", Kind::number},
                                    Wanted{"azuredeletedon", Kind::time},
                                    Wanted{"invitestatuscode", Kind::number},
                                    Wanted{"issyncwithdirectory", Kind::boolean},
                                    Wanted{"createdon", Kind::time},
                                    Wanted{"createdby", Kind::uuid},
                                    Wanted{"modifiedon", Kind::time},
                                    Wanted{"modifiedby", Kind::uuid},
                                    Wanted{"versionnumber", Kind::number}};

// What the sync reads and never writes, and what it writes but once.
constexpr std::array<std::string_view, 2> only_read{"applicationid", "deletedstate"};
constexpr std::array<std::string_view, 5> only_created{"systemuserid", "azureactivedirectoryobjectid",
                                                       "issyncwithdirectory", "createdon", "createdby"};

// Who wrote last, and when.
constexpr std::array<std::string_view, 5> bookkeeping{"createdon", "createdby", "modifiedon", "modifiedby",
                                                      "versionnumber"};

constexpr std::string_view object_id_column = "azureactivedirectoryobjectid";
constexpr const char* business_unit_column = "businessunitid";

template <class Names>
bool among(const Names& names, std::string_view name) {
  return std::ranges::find(names, name) != names.end();
}

bool is_wanted(std::string_view name) {
  return std::ranges::any_of(wanted_columns, [&](const Wanted& wanted) { return wanted.name == name; });
}

// Plain enough to be asked at the beginning of every run.
constexpr const char* columns_sql = R"(
SELECT a.attname, a.attnum, a.atttypid::bigint, format_type(a.atttypid, NULL), a.atttypmod,
  a.attnotnull AND NOT a.atthasdef AND a.attidentity = '', a.attgenerated <> '', a.attidentity = 'a',
  a.attnum = ANY (ARRAY(SELECT i.indkey[0] FROM pg_index i WHERE i.indrelid = a.attrelid AND i.indisunique
                        AND i.indisvalid AND i.indnkeyatts = 1)),
  pg_is_in_recovery(), current_setting('transaction_read_only')::boolean
FROM pg_attribute a WHERE a.attrelid = to_regclass($1) AND a.attnum > 0 AND NOT a.attisdropped)";

// A domain is as good as the type it stands on, however many deep.
constexpr const char* domains_sql = R"(
WITH RECURSIVE col AS (
  SELECT a.attname, a.atttypid AS type, a.atttypmod AS modifier, a.attnotnull AS required, a.atthasdef AS has_default
  FROM pg_attribute a WHERE a.attrelid = to_regclass($1) AND a.attnum > 0 AND NOT a.attisdropped AND a.atttypid >= 16384
  UNION ALL
  SELECT c.attname, d.typbasetype, CASE WHEN d.typtypmod >= 0 THEN d.typtypmod ELSE c.modifier END,
    c.required OR d.typnotnull, c.has_default OR d.typdefault IS NOT NULL
  FROM col c JOIN pg_type d ON d.oid = c.type WHERE d.typtype = 'd')
SELECT c.attname, c.type::bigint, t.typname = 'citext', c.modifier, c.required AND NOT c.has_default
FROM col c JOIN pg_type t ON t.oid = c.type WHERE t.typtype <> 'd')";

// From here on types are those that somebody made (FirstNormalObjectId of PostgreSQL).
constexpr std::uint32_t first_made_type = 16384;

// Of char and varchar, whose modifier counts its own four bytes.
std::int64_t length_of(std::uint32_t type, std::int64_t modifier) {
  return type == 1042 || type == 1043 ? std::max<std::int64_t>(modifier - 4, 0) : 0;
}

// By PostgreSQL's own numbers: a name depends on settings and on the search path.
bool fits(const TableColumn& column, Kind kind) {
  switch (kind) {
    case Kind::text:
      return column.type == 25 || column.type == 1043 || column.is_citext;  // text, varchar
    case Kind::uuid:
      return column.type == 2950;
    case Kind::boolean:
      return column.type == 16;
    case Kind::number:
      return column.type == 21 || column.type == 23 || column.type == 20;  // smallint, integer, bigint
    case Kind::time:
      return column.type == 1184;  // timestamptz
  }
  return false;
}

std::string expected(Kind kind) {
  switch (kind) {
    case Kind::text:
      return "varchar, text or citext";
    case Kind::uuid:
      return "uuid";
    case Kind::boolean:
      return "boolean";
    case Kind::number:
      return "smallint, integer or bigint";
    case Kind::time:
      break;
  }
  return "timestamp with time zone";
}

void check_writable(const std::string& name, const TableColumn& column, std::vector<Obstacle>& obstacles) {
  if (column.generated) {
    obstacles.push_back({"systemuser." + name +
                         " is a generated column, which nobody can write: ALTER TABLE ... ALTER COLUMN " + name +
                         " DROP EXPRESSION makes it an ordinary one"});
  } else if (column.identity_always) {
    obstacles.push_back({"systemuser." + name +
                         " is GENERATED ALWAYS AS IDENTITY, which nobody can update: ALTER TABLE ... ALTER COLUMN " +
                         name + " SET GENERATED BY DEFAULT"});
  }
}

void check_column(const Wanted& wanted, const SystemUserTable& table, std::vector<Obstacle>& obstacles) {
  const std::string name(wanted.name);
  const auto found = table.columns.find(name);
  if (found == table.columns.end()) {
    obstacles.push_back({"systemuser has no column " + name + " (" + expected(wanted.kind) + "): add it"});
    return;
  }
  const auto& column = found->second;
  if (!fits(column, wanted.kind)) {
    obstacles.push_back({"systemuser." + name + " is of type " + column.type_name + ", and the rules need " +
                         expected(wanted.kind) + ": change its type"});
    return;
  }
  if (!among(only_read, wanted.name)) check_writable(name, column, obstacles);
  const auto rule = core::column_named(wanted.name);
  const bool is_text = rule && static_cast<std::size_t>(*rule) < core::text_column_count;
  if (is_text && column.length != 0 && column.length < static_cast<std::int64_t>(core::length_of(*rule))) {
    obstacles.push_back({.what = "systemuser." + name + " takes " + std::to_string(column.length) +
                                 " characters, the rules cut at " + std::to_string(core::length_of(*rule)) +
                                 ": a longer value is that user's rejection",
                         .stops = false});
  }
}

void check_mandatory(const SystemUserTable& table, const config::Environment& environment,
                     std::vector<Obstacle>& obstacles) {
  for (const auto& [name, column] : table.columns) {
    if (!column.mandatory || is_wanted(name) || environment.create_values.contains(name)) continue;
    const bool unit = name == business_unit_column;
    if (unit && (table.business_unit.id || !table.business_unit.problem.empty())) continue;
    obstacles.push_back({"systemuser." + name + " is NOT NULL without a default: " +
                         (unit ? "set this environment's business_unit (an id, a name, or root)"
                               : "give it a value in this environment's create_values")});
  }
}

void check_create_values(const SystemUserTable& table, const config::Environment& environment,
                         std::vector<Obstacle>& obstacles) {
  for (const auto& [name, value] : environment.create_values) {
    const auto found = table.columns.find(name);
    if (found == table.columns.end()) {
      obstacles.push_back({"create_values names the column " + name + ", which systemuser does not have"});
    } else {
      check_writable(name, found->second, obstacles);
    }
  }
  if (!table.business_unit.problem.empty()) obstacles.push_back({table.business_unit.problem});
  if (!table.business_unit.id) return;
  const auto found = table.columns.find(business_unit_column);
  if (found == table.columns.end() || !fits(found->second, Kind::uuid)) {
    obstacles.push_back({"the environment has a business_unit, and systemuser no column businessunitid of type uuid"});
  } else {
    check_writable(business_unit_column, found->second, obstacles);
  }
}

}  // namespace

SystemUserTable read_table(Connection& session, const config::Environment& environment) {
  const std::vector<Parameter> name{session.quoted(environment.schema) + ".systemuser"};
  const auto rows = session.exec(columns_sql, name);
  SystemUserTable table;
  table.business_unit = find_business_unit(session, environment);
  bool made_types = false;
  for (int row = 0; row < rows.size(); ++row) {
    const auto type = static_cast<std::uint32_t>(rows.number(row, 2));
    const std::string column(rows.text(row, 0));
    table.columns[column] = {.type = type,
                             .type_name = std::string(rows.text(row, 3)),
                             .length = length_of(type, rows.number(row, 4)),
                             .mandatory = rows.boolean(row, 5),
                             .generated = rows.boolean(row, 6),
                             .identity_always = rows.boolean(row, 7)};
    if (column == object_id_column) table.object_ids_are_unique = rows.boolean(row, 8);
    table.in_recovery = rows.boolean(row, 9);
    table.read_only = rows.boolean(row, 10);
    made_types = made_types || type >= first_made_type;
  }
  if (!made_types) return table;
  const auto domains = session.exec(domains_sql, name);
  for (int row = 0; row < domains.size(); ++row) {
    auto& column = table.columns[std::string(domains.text(row, 0))];
    column.type = static_cast<std::uint32_t>(domains.number(row, 1));
    column.is_citext = domains.boolean(row, 2);
    column.length = length_of(column.type, domains.number(row, 3));
    column.mandatory = domains.boolean(row, 4);
  }
  return table;
}

std::vector<Obstacle> find_obstacles(const SystemUserTable& table, const config::Environment& environment) {
  std::vector<Obstacle> obstacles;
  if (table.columns.empty()) {
    obstacles.push_back({"there is no table systemuser in schema " + environment.schema + ": run `dvsync migrate`"});
    return obstacles;
  }
  for (const auto& wanted : wanted_columns) check_column(wanted, table, obstacles);
  check_mandatory(table, environment, obstacles);
  check_create_values(table, environment, obstacles);
  if (!table.object_ids_are_unique) {
    obstacles.push_back(
        {"systemuser has no unique index on azureactivedirectoryobjectid, without which two writers could create a "
         "user twice: CREATE UNIQUE INDEX CONCURRENTLY ON " +
         environment.schema + ".systemuser (azureactivedirectoryobjectid)"});
  }
  return obstacles;
}

std::vector<std::string_view> watched_columns() {
  std::vector<std::string_view> watched;
  for (const auto& wanted : wanted_columns) {
    const bool of_its_own = wanted.name == "systemuserid" || wanted.name == "issyncwithdirectory";
    if (!of_its_own && !among(bookkeeping, wanted.name)) watched.push_back(wanted.name);
  }
  return watched;
}

WrittenColumns written_columns(const SystemUserTable& table, const config::Environment& environment) {
  WrittenColumns written;
  for (const auto& wanted : wanted_columns) {
    if (!table.columns.contains(std::string(wanted.name)) || among(only_read, wanted.name)) continue;
    written.created.emplace_back(wanted.name);
    if (!among(only_created, wanted.name)) written.updated.emplace_back(wanted.name);
  }
  for (const auto& [name, value] : environment.create_values) {
    if (table.columns.contains(name) && !is_wanted(name)) written.created.push_back(name);
  }
  if (table.business_unit.id && !among(written.created, business_unit_column) &&
      table.columns.contains(business_unit_column)) {
    written.created.emplace_back(business_unit_column);
  }
  return written;
}

}  // namespace dvsync::store
