#pragma once
// The columns of a row besides its fields, in a form that is compared without copying. Pure.

#include <cstdint>
#include <optional>
#include <string_view>

#include "dvsync/core/access_mode.hpp"
#include "dvsync/core/identity.hpp"
#include "dvsync/core/system_user.hpp"

namespace dvsync::core {

struct Standing {
  bool islicensed = false;
  bool isdisabled = false;
  bool has_reason = false;
  std::string_view disabledreason;  // of a row that must stay, or a reason's code; empty where there is none
  AccessSetting access;
  std::int16_t azurestate = 0;
  std::optional<Timestamp> azuredeletedon;
  std::int16_t invitestatuscode = 0;

  // An empty code: null.
  void set_reason(std::string_view code);

  // azurestate and azuredeletedon. Requires identity.lifecycle.
  void follow_lifecycle(const Identity& identity);

  // `row` must not be the row that `disabledreason` lies in.
  void write_to(SystemUser& row) const;

  bool operator==(const Standing&) const = default;
};

[[nodiscard]] Standing standing_of(const SystemUser& row);

}  // namespace dvsync::core
