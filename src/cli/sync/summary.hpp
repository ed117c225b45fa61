#pragma once
// How a run ended, for people: a table, and below it everything that asks for attention.

#include <string>
#include <vector>

#include "dvsync/sync/sync_json.hpp"
#include "terminal/output.hpp"
#include "terminal/table.hpp"

namespace dvsync::cli {

using sync::HeldByEnvironment;

// `held` is what each environment holds back now.
[[nodiscard]] std::string summary_of(const sync::RunReport& report, const HeldByEnvironment& held, const Paint& paint,
                                     std::optional<std::size_t> width = {});

// How many environments were not opened; empty: none.
[[nodiscard]] std::string in_line_text(const sync::RunReport& report);

// Only what asks for attention: errors, what is held, missing facts, warnings, rejections.
[[nodiscard]] std::string attention_of(const sync::RunReport& report, const HeldByEnvironment& held, const Paint& paint,
                                       std::optional<std::size_t> width = {});

}  // namespace dvsync::cli
