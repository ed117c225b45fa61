#pragma once
// What an operator answers to a hold, and where. Private to sync.

#include <functional>
#include <memory>
#include <vector>

#include "dvsync/store/environment_sessions.hpp"
#include "dvsync/store/pending.hpp"
#include "dvsync/sync/engine.hpp"

namespace dvsync::sync {

// An environment that holds something of what is answered, or may.
struct PlaceToAnswer {
  const config::Environment* environment;
  store::HoldAnswer answer;
};

// Finds all users before anything is answered: an unknown one must not be half of an answer. `on_failure` is called
// within the catch of an environment that cannot be asked. Throws UsageError: nobody of that name is held.
[[nodiscard]] std::vector<PlaceToAnswer> places_to_answer(
    store::EnvironmentSessions& sessions, const std::vector<const config::Environment*>& environments,
    const HoldAnswer& answer, const std::string& by, const std::function<void(const config::Environment&)>& on_failure);

// Throws UsageError: that run holds nothing.
[[noreturn]] void refuse_answer(std::int64_t run_id);

}  // namespace dvsync::sync
