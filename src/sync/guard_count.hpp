#pragma once
// What the guard counts in an environment's database. Private to sync.

#include "dvsync/core/guard.hpp"
#include "dvsync/store/postgres/connection.hpp"
#include "evaluation_context.hpp"

namespace dvsync::sync {

// Adds what run `run_id` wants, as it stands in sync_pending, and what others wait for.
void add_waiting(core::GuardLedger& ledger, store::Connection& environment, std::int64_t run_id);

// Adds what passed within the window, counts enabled rows if they matter, and lets the guard decide. `made`: rows that
// the session's open transaction has created or enabled by now; they were not there before.
void decide(core::GuardLedger& ledger, store::Connection& environment, const config::Safety& safety,
            std::int64_t made = 0);

// After that: the arithmetic of each class that is held, in words.
[[nodiscard]] std::vector<std::string> held_because(const core::GuardLedger& ledger, store::Connection& environment,
                                                    const config::Safety& safety, std::int64_t made = 0);

}  // namespace dvsync::sync
