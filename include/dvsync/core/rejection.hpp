#pragma once
// Rejection: an identity that cannot be synchronised as it is (docs/rules.md D7, D9). Pure.

#include <optional>
#include <string>

#include "dvsync/core/identity.hpp"
#include "dvsync/core/reason.hpp"

namespace dvsync::core {

struct Rejection {
  Reason reason = Reason::identity_incomplete;
  std::string detail;  // in words, without values
};

// identity_incomplete: nothing changes. invalid_value, user_name_missing: no create, no enable, no field update.
// Nobody is rejected who is gone or not known: nothing would be written of them.
[[nodiscard]] std::optional<Rejection> rejection_of(const Identity& identity);

// The directory was never heard to say whether the account is enabled.
[[nodiscard]] bool is_incomplete(const Identity& identity);

// A user name that is not blank.
[[nodiscard]] bool has_user_name(const Identity& identity);

}  // namespace dvsync::core
