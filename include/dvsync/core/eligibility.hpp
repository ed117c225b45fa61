#pragma once
// The gates: may this user have access to this environment, and why (docs/rules.md, The gates). Pure.

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>

#include "dvsync/core/environment.hpp"
#include "dvsync/core/identity.hpp"
#include "dvsync/core/reason.hpp"
#include "dvsync/core/system_user.hpp"

namespace dvsync::core {

enum class Gate : std::uint8_t { row_type, environment, directory, security_group, licence, creation };
inline constexpr std::size_t gate_count = 6;

enum class GateOutcome : std::uint8_t {
  passed,  // with `reason` where an exemption was used
  failed,
  conditional,  // an entitlement that does not count under every trigger (D2)
  unknown,      // a fact is missing (D7)
  not_asked,    // gate 0: there is no row; gate 5: there is one
};

struct GateResult {
  GateOutcome outcome = GateOutcome::not_asked;
  std::optional<Reason> reason;
  bool counts = false;  // conditional: whether it counts under this trigger
};

struct Evaluation {
  std::array<GateResult, gate_count> gates{};
  // The gate that decided; nullopt when all of them passed.
  std::optional<Gate> deciding;
  GateOutcome outcome = GateOutcome::passed;
  Reason reason = Reason::entitled;

  [[nodiscard]] const GateResult& result(Gate gate) const { return gates[static_cast<std::size_t>(gate)]; }
};

// Asks every gate, also the gates behind the deciding one, so that `explain` can show them all (docs/rules.md, Which
// gate decides). `row` is null where there is none. Allocates nothing, never throws, and is safe from any thread.
[[nodiscard]] Evaluation evaluate(const Environment& environment, Trigger trigger, const Identity& identity,
                                  const SystemUser* row);

// Whether another answer of the directory could let this user in, whom this evaluation does not (docs/rules.md D15):
// a gate that asks about the directory's facts decided.
[[nodiscard]] bool directory_may_decide_otherwise(const Evaluation& evaluation);

// Whether the user has any of the three administrator roles; nullopt: a role that would decide it could not be read.
[[nodiscard]] std::optional<bool> is_administrator(const Identity& identity, const SystemUser* row);

// Whether the user created this developer environment. Environments of other types have no creator.
[[nodiscard]] bool is_creator(const Environment& environment, const Identity& identity);

// What gate 0 says about a row; nullopt: the sync may touch it.
[[nodiscard]] std::optional<Reason> row_type_exclusion(const SystemUser& row);

}  // namespace dvsync::core
