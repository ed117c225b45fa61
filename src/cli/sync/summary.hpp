#pragma once
// How a run ended, for people: a table, and below it everything that asks for attention.

#include <map>
#include <string>
#include <vector>

#include "dvsync/config/configuration.hpp"
#include "dvsync/store/run_status.hpp"
#include "dvsync/sync/report.hpp"
#include "terminal/output.hpp"
#include "terminal/table.hpp"

namespace dvsync::cli {

// What the guard holds back (docs/rules.md D8, D12), by run and class.
using HeldByEnvironment = std::map<std::string, std::vector<store::HeldDecisions>>;
// Of every environment of the report that ended `held`. Throws StoreError.
[[nodiscard]] HeldByEnvironment read_held(const config::Configuration& configuration, const sync::RunReport& report);

// `held` is what each environment holds back now.
[[nodiscard]] std::string summary_of(const sync::RunReport& report, const HeldByEnvironment& held, const Paint& paint,
                                     std::optional<std::size_t> width = {});

// Only what asks for attention: errors, what is held, missing facts, warnings, rejections.
[[nodiscard]] std::string attention_of(const sync::RunReport& report, const HeldByEnvironment& held, const Paint& paint,
                                       std::optional<std::size_t> width = {});

}  // namespace dvsync::cli
