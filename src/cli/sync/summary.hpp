#pragma once
// How a run ended, for people: a table, and below it everything that asks for attention.

#include <string>

#include "dvsync/sync/report.hpp"
#include "sync/held.hpp"
#include "terminal/output.hpp"
#include "terminal/table.hpp"

namespace dvsync::cli {

// `held` is what each environment holds back now.
[[nodiscard]] std::string summary_of(const sync::RunReport& report, const HeldByEnvironment& held, const Paint& paint);

// Only what asks for attention: errors, what is held, missing facts, warnings, rejections.
[[nodiscard]] std::string attention_of(const sync::RunReport& report, const HeldByEnvironment& held,
                                       const Paint& paint);

}  // namespace dvsync::cli
