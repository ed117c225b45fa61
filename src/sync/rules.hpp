#pragma once
// What an environment is decided by, as two numbers: when one of them moves, everybody is looked at again.

#include <cstdint>

#include "dvsync/config/configuration.hpp"
#include "evaluation_context.hpp"

namespace dvsync::sync {

// Raised whenever a new release decides differently on the same facts.
inline constexpr int rule_version = 2;

// Of the environment's settings, mapping, licence lists and the program's rules. A change guards admissions (D12).
[[nodiscard]] std::int64_t hash_of_rules(const config::Environment& environment,
                                         const config::Configuration& configuration);

// The same with what is written beside: constants of new rows, their business unit, and in whose name.
[[nodiscard]] std::int64_t hash_of_settings(const config::Environment& environment,
                                            const config::Configuration& configuration);

// Of what the directory could not say, and which roles and teams there are: once that changes, whoever was undecided is
// decided.
[[nodiscard]] std::int64_t hash_of_knowledge(const EvaluationContext& context);

}  // namespace dvsync::sync
