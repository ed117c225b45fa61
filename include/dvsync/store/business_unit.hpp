#pragma once
// The business unit of new rows (docs/rules.md, Fields): by id, by name, or the one without a parent, which is the
// default where the schema has a table businessunit.

#include <optional>
#include <string>

#include "dvsync/config/configuration.hpp"
#include "dvsync/core/guid.hpp"
#include "dvsync/store/postgres/connection.hpp"

namespace dvsync::store {

struct BusinessUnit {
  std::optional<core::Guid> id;  // nullopt: new rows get none
  std::string problem;           // why the configured one cannot be told; empty: nothing is wrong
};
// What the schema has of business units, and whether the session may read it.
struct BusinessUnitTables {
  bool there = false;
  bool readable = false;
  bool column = false;  // systemuser.businessunitid
};
[[nodiscard]] BusinessUnit find_business_unit(Connection& session, const config::Environment& environment,
                                              const BusinessUnitTables& tables);

// The same, by a look of its own. Throws StoreError schema where there is a problem.
[[nodiscard]] std::optional<core::Guid> business_unit_of(Connection& session, const config::Environment& environment);

}  // namespace dvsync::store
