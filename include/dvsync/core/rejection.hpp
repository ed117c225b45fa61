#pragma once
// Identities that cannot be synchronised as they are (docs/rules.md D7, D9). Pure.

#include <optional>
#include <string>

#include "dvsync/core/identity.hpp"
#include "dvsync/core/reason.hpp"

namespace dvsync::core {

struct Rejection {
  Reason reason = Reason::identity_incomplete;
  std::string detail;  // in words, without values
};

// identity_incomplete: nothing of the row changes. invalid_value, user_name_missing: no create, no enable, no field
// update. An identity that is gone or unknown is never rejected, because nothing of it would be written.
[[nodiscard]] std::optional<Rejection> rejection_of(const Identity& identity);

// Whether the directory never said if the account is enabled.
[[nodiscard]] bool is_incomplete(const Identity& identity);

// Whether there is a user name that is not blank.
[[nodiscard]] bool has_user_name(const Identity& identity);

}  // namespace dvsync::core
