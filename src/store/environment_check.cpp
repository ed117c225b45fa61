#include <algorithm>
#include <array>
#include <string_view>
#include <unordered_map>

#include "dvsync/core/system_user.hpp"
#include "dvsync/store/schema.hpp"

namespace dvsync::store {
namespace {

struct Wanted {
  std::string_view name;
  std::string_view kind;  // text, uuid, boolean, number, time
};

constexpr std::array wanted_columns{Wanted{"systemuserid", "uuid"},
                                    Wanted{"azureactivedirectoryobjectid", "uuid"},
                                    Wanted{"applicationid", "uuid"},
                                    Wanted{"deletedstate", "number"},
                                    Wanted{"domainname", "text"},
                                    Wanted{"firstname", "text"},
                                    Wanted{"lastname", "text"},
                                    Wanted{"fullname", "text"},
                                    Wanted{"internalemailaddress", "text"},
                                    Wanted{"jobtitle", "text"},
                                    Wanted{"address1_telephone1", "text"},
                                    Wanted{"mobilephone", "text"},
                                    Wanted{"homephone", "text"},
                                    Wanted{"address1_fax", "text"},
                                    Wanted{"address1_line1", "text"},
                                    Wanted{"address1_city", "text"},
                                    Wanted{"address1_stateorprovince", "text"},
                                    Wanted{"address1_postalcode", "text"},
                                    Wanted{"address1_country", "text"},
                                    Wanted{"islicensed", "boolean"},
                                    Wanted{"isdisabled", "boolean"},
                                    Wanted{"disabledreason", "text"},
                                    Wanted{"accessmode", "number"},
                                    Wanted{"setupuser", "boolean"},
                                    Wanted{"azurestate", "number"},
                                    Wanted{"azuredeletedon", "time"},
                                    Wanted{"invitestatuscode", "number"},
                                    Wanted{"issyncwithdirectory", "boolean"},
                                    Wanted{"createdon", "time"},
                                    Wanted{"createdby", "uuid"},
                                    Wanted{"modifiedon", "time"},
                                    Wanted{"modifiedby", "uuid"},
                                    Wanted{"versionnumber", "number"}};

// What the sync reads and never writes, and what it writes but once.
constexpr std::array<std::string_view, 2> only_read{"applicationid", "deletedstate"};
constexpr std::array<std::string_view, 5> only_created{"systemuserid", "azureactivedirectoryobjectid",
                                                       "issyncwithdirectory", "createdon", "createdby"};

constexpr const char* how_to_grant = ". `dvsync migrate` grants what is needed";

struct Found {
  std::string type;
  std::int64_t length = 0;  // 0: unlimited
  bool mandatory = false;   // NOT NULL without default
};
using FoundColumns = std::unordered_map<std::string, Found>;

FoundColumns read_columns(Connection& environment) {
  const auto rows = environment.exec(
      "SELECT a.attname, format_type(a.atttypid, NULL), CASE WHEN a.atttypid IN (1042, 1043) THEN greatest(a.atttypmod "
      "- 4, 0) ELSE 0 END, "
      "a.attnotnull AND NOT a.atthasdef AND a.attidentity = '' FROM pg_attribute a "
      "WHERE a.attrelid = to_regclass($1) AND a.attnum > 0 AND NOT a.attisdropped",
      {environment.named("systemuser")});
  FoundColumns found;
  for (int row = 0; row < rows.size(); ++row) {
    found[std::string(rows.text(row, 0))] = {std::string(rows.text(row, 1)), rows.number(row, 2), rows.boolean(row, 3)};
  }
  return found;
}

bool fits(std::string_view type, std::string_view kind) {
  if (kind == "text") return type == "text" || type == "character varying" || type == "citext";
  if (kind == "number") return type == "smallint" || type == "integer" || type == "bigint";
  if (kind == "time") return type == "timestamp with time zone";
  return type == kind;
}

void check_column(const Wanted& wanted, const FoundColumns& found, std::vector<Obstacle>& obstacles) {
  const std::string name(wanted.name);
  const auto column = found.find(name);
  if (column == found.end()) {
    obstacles.push_back({"systemuser has no column " + name});
    return;
  }
  if (!fits(column->second.type, wanted.kind)) {
    const std::string expected = wanted.kind == "number" ? "smallint or integer"
                                 : wanted.kind == "time" ? "timestamp with time zone"
                                                         : std::string(wanted.kind);
    obstacles.push_back({"systemuser." + name + " is of type " + column->second.type + ", not " + expected});
    return;
  }
  const auto rule = core::column_named(wanted.name);
  const bool is_text = rule && static_cast<std::size_t>(*rule) < core::text_column_count;
  if (is_text && column->second.length != 0 &&
      column->second.length < static_cast<std::int64_t>(core::length_of(*rule))) {
    obstacles.push_back({"systemuser." + name + " takes " + std::to_string(column->second.length) +
                         " characters, the rules need " + std::to_string(core::length_of(*rule))});
  }
}

void check_mandatory(const FoundColumns& found, const std::map<std::string, std::string>& create_values,
                     bool business_unit, std::vector<Obstacle>& obstacles) {
  for (const auto& [name, column] : found) {
    if (!column.mandatory || create_values.contains(name)) continue;
    bool known = business_unit && name == "businessunitid";
    for (const auto& wanted : wanted_columns) known = known || wanted.name == name;
    if (!known) {
      obstacles.push_back({"systemuser." + name +
                           " is NOT NULL without a default: give it a value in this environment's create_values"});
    }
  }
  for (const auto& [name, value] : create_values) {
    if (!found.contains(name))
      obstacles.push_back({"create_values names the column " + name + ", which systemuser does not have"});
  }
}

void check_unique_index(Connection& environment, std::vector<Obstacle>& obstacles) {
  const auto rows = environment.exec(
      "SELECT FROM pg_index i JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = i.indkey[0] "
      "WHERE i.indrelid = to_regclass($1) AND i.indisunique AND i.indisvalid AND i.indnkeyatts = 1 "
      "AND a.attname = 'azureactivedirectoryobjectid'",
      {environment.named("systemuser")});
  if (rows.empty()) {
    obstacles.push_back(
        {"systemuser has no unique index on azureactivedirectoryobjectid, without which two writers could create a "
         "user "
         "twice: CREATE UNIQUE INDEX CONCURRENTLY ON systemuser (azureactivedirectoryobjectid)"});
  }
}

// Of these columns of systemuser, those without the privilege.
std::string columns_without(Connection& environment, const std::vector<std::string>& columns, const char* privilege) {
  const auto missing = environment.exec(
      "SELECT string_agg(name, ', ') FROM unnest($1::text[]) name WHERE NOT has_column_privilege($3, name, $2)",
      {to_array(columns), std::string(privilege), environment.named("systemuser")});
  return missing.optional_text(0, 0).value_or("");
}

// As sql/environment/grants.sql grants them.
void check_column_rights(Connection& environment, const FoundColumns& found,
                         const std::map<std::string, std::string>& create_values, bool business_unit,
                         std::vector<Obstacle>& obstacles) {
  std::vector<std::string> created;
  std::vector<std::string> updated;
  for (const auto& wanted : wanted_columns) {
    const std::string name(wanted.name);
    if (!found.contains(name) || std::ranges::find(only_read, name) != only_read.end()) continue;
    created.push_back(name);
    if (std::ranges::find(only_created, name) == only_created.end()) updated.push_back(name);
  }
  for (const auto& [name, value] : create_values) {
    if (found.contains(name)) created.push_back(name);
  }
  if (business_unit && found.contains("businessunitid")) created.emplace_back("businessunitid");
  for (const auto& [columns, privilege] : {std::pair{created, "SELECT"}, {created, "INSERT"}, {updated, "UPDATE"}}) {
    const auto missing = columns_without(environment, columns, privilege);
    if (missing.empty()) continue;
    obstacles.push_back({.what = std::string("this role lacks ") + privilege +
                                 " on these columns of systemuser: " + missing + how_to_grant,
                         .is_right = true});
  }
}

// Of the schema's tables and sequences whose names are like `pattern`.
void check_table_rights(Connection& session, const char* pattern, std::vector<Obstacle>& obstacles) {
  const auto missing = session.exec(
      "SELECT string_agg(relname, ', ' ORDER BY relname) FROM pg_class "
      "WHERE relnamespace = (SELECT oid FROM pg_namespace WHERE nspname = $2) AND relname LIKE $1 AND relname <> "
      "'schema_version' "
      "AND ((relkind = 'r' AND NOT (has_table_privilege(oid, 'SELECT') AND has_table_privilege(oid, 'INSERT') "
      "AND has_table_privilege(oid, 'UPDATE') AND has_table_privilege(oid, 'DELETE'))) "
      "OR (relkind = 'S' AND NOT has_sequence_privilege(oid, 'USAGE')))",
      {std::string(pattern), session.schema()});
  if (!missing.null(0, 0)) {
    obstacles.push_back({.what = "this role may not read and write " + std::string(missing.text(0, 0)) + how_to_grant,
                         .is_right = true});
  }
  if (!session.exec("SELECT has_database_privilege(current_database(), 'TEMPORARY')").boolean(0, 0)) {
    obstacles.push_back(
        {.what = std::string("this role may not create temporary tables in the database") + how_to_grant,
         .is_right = true});
  }
}

}  // namespace

std::vector<Obstacle> find_obstacles(Connection& environment, const std::map<std::string, std::string>& create_values,
                                     bool business_unit) {
  std::vector<Obstacle> obstacles;
  const auto found = read_columns(environment);
  if (found.empty()) {
    obstacles.push_back({"there is no table systemuser: run `dvsync migrate`"});
    return obstacles;
  }
  for (const auto& wanted : wanted_columns) check_column(wanted, found, obstacles);
  check_mandatory(found, create_values, business_unit, obstacles);
  check_unique_index(environment, obstacles);
  check_column_rights(environment, found, create_values, business_unit, obstacles);
  check_table_rights(environment, R"(sync\_%)", obstacles);
  return obstacles;
}

std::vector<Obstacle> find_obstacles(Connection& mirror) {
  std::vector<Obstacle> obstacles;
  check_table_rights(mirror, "%", obstacles);
  return obstacles;
}

}  // namespace dvsync::store
