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

enum class Answer : std::uint8_t {
  passed,  // with `reason` where an exemption was used
  failed,
  conditional,  // an entitlement that does not count under every trigger (D2)
  unknown,      // a fact is missing (D7)
  not_asked,    // there is no row (gate 0), or nothing left to ask
};

struct GateAnswer {
  Answer answer = Answer::not_asked;
  std::optional<Reason> reason;
  bool counts = false;  // conditional: whether it counts under this trigger
};

struct Evaluation {
  std::array<GateAnswer, gate_count> gates{};
  // The gate that decided; nullopt when all of them passed.
  std::optional<Gate> deciding;
  Answer outcome = Answer::passed;
  Reason reason = Reason::entitled;
};

// Asks every gate, also those behind the deciding one, so that `explain` can show them all. The first failed of gates
// 0-4 decides; else the first unknown (D7), unless gate 5 would refuse anyway; else the first conditional answer that
// does not count under this trigger; else gate 5. Of somebody whose gate 2 is unknown the gates behind know nothing
// that could be relied on: there gate 2 decides even before a failed gate 3 or 4.
// `row` is null where there is none. No allocation; never throws; safe from any thread.
[[nodiscard]] Evaluation evaluate(const Environment& environment, Trigger trigger, const Identity& identity,
                                  const SystemUser* row);

// Administrator by any of the three roles; nullopt: a role that would decide it could not be read.
[[nodiscard]] std::optional<bool> is_administrator(const Identity& identity, const SystemUser* row);

// The creator of a developer environment; in all other types there is none.
[[nodiscard]] bool is_creator(const Environment& environment, const Identity& identity);

// Gate 0 for a row alone: nullopt when the sync may touch it.
[[nodiscard]] std::optional<Reason> row_type_exclusion(const SystemUser& row);

}  // namespace dvsync::core
