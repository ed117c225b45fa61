#pragma once
// The fields of a change as the log keeps them, and plans: JSON, before and after.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "dvsync/core/plan.hpp"

namespace dvsync::store {

// A change as JSON: {"jobtitle": ["before", "after"]}; and what the log keeps of it: of a new row only the roles, since
// the rest is there to see. Empty: nothing.
[[nodiscard]] std::string fields_json(const core::Change& change);
[[nodiscard]] std::string logged_fields(const core::Change& change);
// The notes of a change: invitation_required, cut:<column>.
[[nodiscard]] std::vector<std::string> notes_of(const core::Change& change);

// Back again: sets columns, before and after, and the roles, of a change whose action is set (a create has no before).
// Returns what else the fields name, which no rule writes: acts on a row do. nullopt: these are no such fields.
[[nodiscard]] std::optional<std::vector<std::string>> read_fields(std::string_view fields, core::Change& change);

}  // namespace dvsync::store
