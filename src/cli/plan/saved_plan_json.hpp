#pragma once
// What a saved plan says, out of its JSON (docs/commands.md, JSON).

#include <boost/json.hpp>
#include <cstdint>
#include <string>

#include "dvsync/sync/saved_plan.hpp"
#include "plan/plan_printer.hpp"

namespace dvsync::cli {

// Raised when what `apply` compares is another.
inline constexpr std::int64_t saved_plan_version = 1;

// Numbers that do not fit a JSON reader's floating point: sixteen hexadecimal digits.
[[nodiscard]] std::string to_hex(std::uint64_t number);

// Both throw PlanFileError: it is of another version, or lacks something.
[[nodiscard]] sync::SavedPlan saved_plan_of(const boost::json::object& content, const std::string& hash);
// Tells `printer` what the planning told it.
void tell_again(const boost::json::object& content, PlanPrinter& printer);

}  // namespace dvsync::cli
