#pragma once
// The course of a row: what is to become of its state, before any column is looked at (docs/rules.md, Enabling and
// disabling, D5, D6). Pure.

#include <cstdint>
#include <optional>

#include "dvsync/core/eligibility.hpp"
#include "dvsync/core/environment.hpp"
#include "dvsync/core/reason.hpp"
#include "dvsync/core/rejection.hpp"
#include "dvsync/core/system_user.hpp"

namespace dvsync::core {

enum class Transition : std::uint8_t { none, create, enable, disable };

struct Course {
  Transition transition = Transition::none;
  Reason reason = Reason::entitled;  // of the decision: the evaluation's, or manually_disabled, no_license_kept …
  std::optional<Reason> missing = std::nullopt;  // the fact for lack of which nobody could tell (D7)
};

[[nodiscard]] Course course_of(const Environment& environment, Trigger trigger, const Evaluation& evaluation,
                               const SystemUser* row, const std::optional<Rejection>& rejection);

}  // namespace dvsync::core
