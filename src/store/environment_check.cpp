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
      "WHERE a.attrelid = to_regclass('systemuser') AND a.attnum > 0 AND NOT a.attisdropped");
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

void check_column(const Wanted& wanted, const FoundColumns& found, std::vector<std::string>& obstacles) {
  const std::string name(wanted.name);
  const auto column = found.find(name);
  if (column == found.end()) {
    obstacles.push_back("systemuser has no column " + name);
    return;
  }
  if (!fits(column->second.type, wanted.kind)) {
    const std::string expected = wanted.kind == "number" ? "smallint or integer"
                                 : wanted.kind == "time" ? "timestamp with time zone"
                                                         : std::string(wanted.kind);
    obstacles.push_back("systemuser." + name + " is of type " + column->second.type + ", not " + expected);
    return;
  }
  const auto rule = core::column_named(wanted.name);
  const bool is_text = rule && static_cast<std::size_t>(*rule) < core::text_column_count;
  if (is_text && column->second.length != 0 &&
      column->second.length < static_cast<std::int64_t>(core::length_of(*rule))) {
    obstacles.push_back("systemuser." + name + " takes " + std::to_string(column->second.length) +
                        " characters, the rules need " + std::to_string(core::length_of(*rule)));
  }
}

void check_mandatory(const FoundColumns& found, const std::map<std::string, std::string>& create_values,
                     bool business_unit, std::vector<std::string>& obstacles) {
  for (const auto& [name, column] : found) {
    if (!column.mandatory || create_values.contains(name)) continue;
    bool known = business_unit && name == "businessunitid";
    for (const auto& wanted : wanted_columns) known = known || wanted.name == name;
    if (!known) {
      obstacles.push_back("systemuser." + name +
                          " is NOT NULL without a default: give it a value in this environment's create_values");
    }
  }
  for (const auto& [name, value] : create_values) {
    if (!found.contains(name))
      obstacles.push_back("create_values names the column " + name + ", which systemuser does not have");
  }
}

void check_unique_index(Connection& environment, std::vector<std::string>& obstacles) {
  const auto rows = environment.exec(
      "SELECT FROM pg_index i JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = i.indkey[0] "
      "WHERE i.indrelid = to_regclass('systemuser') AND i.indisunique AND i.indisvalid AND i.indnkeyatts = 1 "
      "AND a.attname = 'azureactivedirectoryobjectid'");
  if (rows.empty()) {
    obstacles.emplace_back(
        "systemuser has no unique index on azureactivedirectoryobjectid, without which two writers could create a user "
        "twice: CREATE UNIQUE INDEX CONCURRENTLY ON systemuser (azureactivedirectoryobjectid)");
  }
}

void check_rights(Connection& environment, const FoundColumns& found, std::vector<std::string>& obstacles) {
  std::string missing;
  for (const auto& wanted : wanted_columns) {
    const std::string name(wanted.name);
    if (!found.contains(name) || name == "applicationid" || name == "deletedstate") continue;
    const auto may = environment.exec(
        "SELECT has_column_privilege('systemuser', $1, 'INSERT') AND has_column_privilege('systemuser', $1, 'SELECT')",
        {name});
    if (!may.boolean(0, 0)) missing += (missing.empty() ? "" : ", ") + name;
  }
  if (!missing.empty()) {
    obstacles.push_back("this role may not write these columns of systemuser: " + missing +
                        ". `dvsync migrate` grants what is needed");
  }
}

}  // namespace

std::vector<std::string> find_obstacles(Connection& environment,
                                        const std::map<std::string, std::string>& create_values, bool business_unit) {
  std::vector<std::string> obstacles;
  const auto found = read_columns(environment);
  if (found.empty()) {
    obstacles.emplace_back("there is no table systemuser: run `dvsync migrate`");
    return obstacles;
  }
  for (const auto& wanted : wanted_columns) check_column(wanted, found, obstacles);
  check_mandatory(found, create_values, business_unit, obstacles);
  check_unique_index(environment, obstacles);
  check_rights(environment, found, obstacles);
  return obstacles;
}

}  // namespace dvsync::store
