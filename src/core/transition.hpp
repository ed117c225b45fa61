#pragma once
// What becomes of a row's state: whether it is created, enabled, disabled or left alone, and the columns that hold
// that state (docs/rules.md, Enabling and disabling, D5, D6, and Access mode). Private to core. Pure.

#include <cstdint>
#include <optional>
#include <string_view>

#include "dvsync/core/eligibility.hpp"
#include "dvsync/core/environment.hpp"
#include "dvsync/core/identity.hpp"
#include "dvsync/core/reason.hpp"
#include "dvsync/core/rejection.hpp"
#include "dvsync/core/system_user.hpp"

namespace dvsync::core {

enum class Transition : std::uint8_t { none, create, enable, disable };

struct TransitionDecision {
  Transition transition = Transition::none;
  Reason reason = Reason::entitled;  // of the decision: the evaluation's, or manually_disabled, no_license_kept …
  std::optional<Reason> missing = std::nullopt;  // the fact for lack of which the row keeps its state (D7)
};

// `row` is null where there is none.
[[nodiscard]] TransitionDecision decide_transition(const Environment& environment, Trigger trigger,
                                                   const Evaluation& evaluation, const SystemUser* row,
                                                   const std::optional<Rejection>& rejection);

struct AccessSetting {
  std::int16_t accessmode = 0;
  bool setupuser = false;  // the sync set administrative mode; false: an administrator chose the mode
  bool operator==(const AccessSetting&) const = default;
};

// Whether the user holds a full plan, or is the creator of this developer environment; nullopt: the plans are unknown.
[[nodiscard]] std::optional<bool> is_licensed(const Environment& environment, const Identity& identity);

[[nodiscard]] AccessSetting access_of_new_row(const Environment& environment, const Identity& identity);

// The setting for a row that is or becomes enabled, or for an M row whose user qualifies. A row keeps its setting while
// a role that would decide it is unknown: the mark of an administrator must not be lost for lack of a fact.
[[nodiscard]] AccessSetting access_of_row(const Environment& environment, const Identity& identity,
                                          const SystemUser& row);

// The columns of a row besides its fields, in a form that is compared without copying.
struct StatusColumns {
  bool islicensed = false;
  bool isdisabled = false;
  bool has_reason = false;
  std::string_view disabledreason;  // a view of the row's own text or of a reason's code; empty: there is none
  AccessSetting access;
  std::int16_t azurestate = 0;
  std::optional<Timestamp> azuredeletedon;
  std::int16_t invitestatuscode = 0;

  // An empty code means null.
  void set_reason(std::string_view code);

  // Sets azurestate and azuredeletedon. Requires identity.lifecycle.
  void follow_lifecycle(const Identity& identity);

  // `row` must not be the row whose text `disabledreason` views.
  void write_to(SystemUser& row) const;

  bool operator==(const StatusColumns&) const = default;
};

// The row must live as long as the result.
[[nodiscard]] StatusColumns status_columns_of(const SystemUser& row);

}  // namespace dvsync::core
