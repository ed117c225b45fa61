#include "dvsync/store/business_unit.hpp"

#include <vector>

#include "dvsync/store/postgres/values.hpp"

namespace dvsync::store {
namespace {

constexpr const char* root = "root";

BusinessUnitTables look(Connection& session, const std::string& schema) {
  const auto quoted = session.quoted(schema);
  const auto row = session.exec(
      "SELECT to_regclass($1) IS NOT NULL, coalesce(has_table_privilege(to_regclass($1), 'SELECT'), false), "
      "EXISTS (SELECT 1 FROM pg_attribute WHERE attrelid = to_regclass($2) AND attname = 'businessunitid' AND NOT "
      "attisdropped)",
      {quoted + ".businessunit", quoted + ".systemuser"});
  return {row.boolean(0, 0), row.boolean(0, 1), row.boolean(0, 2)};
}

std::vector<core::Guid> units_where(Connection& session, const std::string& schema, const std::string& condition,
                                    const std::vector<Parameter>& values) {
  const auto rows = session.exec("SELECT businessunitid FROM " + session.quoted(schema) + ".businessunit WHERE " +
                                     condition + " ORDER BY businessunitid LIMIT 20",
                                 values);
  std::vector<core::Guid> units;
  for (int row = 0; row < rows.size(); ++row) units.push_back(guid_at(rows, row, 0).value());
  return units;
}

BusinessUnit only_one(const std::vector<core::Guid>& units, const std::string& what) {
  if (units.size() == 1) return {units.front(), ""};
  if (units.empty()) return {std::nullopt, "business_unit: the table businessunit has no " + what};
  std::string problem = "business_unit: the table businessunit has several of " + what + ", name one by its id:";
  for (const auto& unit : units) problem += " " + core::to_string(unit);
  return {std::nullopt, problem};
}

}  // namespace

BusinessUnit find_business_unit(Connection& session, const config::Environment& environment,
                                const BusinessUnitTables& tables) {
  const auto& configured = environment.business_unit;
  if (!configured && environment.create_values.contains("businessunitid")) return {};
  const auto id = configured ? core::parse_guid(*configured) : std::nullopt;
  if (!configured && !(tables.readable && tables.column)) return {};
  if (!tables.readable) {
    if (id) return {id, ""};
    return {std::nullopt, std::string("business_unit: the schema ") + environment.schema +
                              (tables.there ? " has a table businessunit that this role may not read: `dvsync migrate` "
                                              "grants what is needed"
                                            : " has no table businessunit: give an id")};
  }
  if (id) {
    return only_one(units_where(session, environment.schema, "businessunitid = $1::uuid", {core::to_string(*id)}),
                    "unit " + core::to_string(*id));
  }
  if (!configured || *configured == root) {
    return only_one(units_where(session, environment.schema, "parentbusinessunitid IS NULL", {}),
                    "unit without a parent");
  }
  return only_one(units_where(session, environment.schema, "lower(name) = lower($1)", {*configured}),
                  "unit called " + *configured);
}

std::optional<core::Guid> business_unit_of(Connection& session, const config::Environment& environment) {
  const auto found = find_business_unit(session, environment, look(session, environment.schema));
  if (found.problem.empty()) return found.id;
  throw StoreError(StoreError::Kind::schema, session.place() + ": " + found.problem);
}

}  // namespace dvsync::store
