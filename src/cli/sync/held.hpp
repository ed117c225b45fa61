#pragma once
// What the guard holds back (docs/rules.md D8, D12), by run and class.

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "dvsync/config/configuration.hpp"
#include "dvsync/core/identity.hpp"
#include "dvsync/store/postgres/connection.hpp"
#include "dvsync/sync/report.hpp"

namespace dvsync::cli {

// Decisions of one class that one run was the first to hold, and that nobody approved.
struct HeldDecisions {
  std::int64_t run_id = 0;
  std::string guard_class;
  std::int64_t decisions = 0;
  core::Timestamp since = {};
  std::int64_t seconds = 0;  // held for as long, by the server's clock
};
using HeldByEnvironment = std::map<std::string, std::vector<HeldDecisions>>;

[[nodiscard]] std::vector<HeldDecisions> read_held(store::Connection& environment);
// Of every environment of the report that ended `held`. Throws StoreError.
[[nodiscard]] HeldByEnvironment read_held(const config::Configuration& configuration, const sync::RunReport& report);

// "612 disables (absent) of run 17"
[[nodiscard]] std::string describe(const HeldDecisions& held);

}  // namespace dvsync::cli
