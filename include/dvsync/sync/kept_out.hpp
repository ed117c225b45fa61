#pragma once
// Users of the directory who have no row in an environment, and why: what the next run would decide of everybody,
// without writing anything.

#include <functional>
#include <stop_token>
#include <string>

#include "dvsync/config/configuration.hpp"
#include "dvsync/core/guid.hpp"
#include "dvsync/core/reason.hpp"

namespace dvsync::sync {

struct KeptOut {
  enum class Why : std::uint8_t {
    rules,     // a gate keeps them out
    unknown,   // a fact is missing (docs/rules.md D7)
    rejected,  // their record, or a value of it, cannot be used
    held,      // the guard holds their create, or an operator rejected it
    due,       // the next run creates the row
  };
  core::Guid object_id;
  std::string user_name;
  std::string display_name;
  Why why = Why::rules;
  std::string reason;  // a code of docs/reasons.md
};
[[nodiscard]] std::string_view name_of(KeptOut::Why why);

// Living users, in the order of their object ids; what the mirror says now. Throws StoreError, Interrupted.
void find_kept_out(const config::Configuration& configuration, const config::Environment& environment,
                   const std::stop_token& stop, const std::function<void(const KeptOut&)>& on_user);

}  // namespace dvsync::sync
