#pragma once
// Access mode: administrators without a licence enter in administrative mode (docs/rules.md, Access mode). Pure.

#include <cstdint>
#include <optional>

#include "dvsync/core/environment.hpp"
#include "dvsync/core/identity.hpp"
#include "dvsync/core/system_user.hpp"

namespace dvsync::core {

struct AccessSetting {
  std::int16_t accessmode = 0;
  bool setupuser = false;  // administrative mode was set by the sync, not chosen by an administrator
  bool operator==(const AccessSetting&) const = default;
};

// Holds a full plan, or is the creator of this developer environment; nullopt: nobody knows the plans.
[[nodiscard]] std::optional<bool> is_licensed(const Environment& environment, const Identity& identity);

[[nodiscard]] AccessSetting access_of_new_row(const Environment& environment, const Identity& identity);

// What a row that is or becomes enabled should have, or an M row that qualifies. Unchanged where a role that would
// decide it is unknown: the trace of an administrator must not be lost for lack of a fact.
[[nodiscard]] AccessSetting access_of_row(const Environment& environment, const Identity& identity,
                                          const SystemUser& row);

}  // namespace dvsync::core
