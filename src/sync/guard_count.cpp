#include "guard_count.hpp"

#include "dvsync/store/pending.hpp"

namespace dvsync::sync {

void add_waiting(core::GuardLedger& ledger, store::Connection& environment, std::int64_t run_id) {
  const auto counts = store::count_waiting(environment, run_id);
  for (std::size_t c = 0; c < core::guard_class_count; ++c) {
    const auto guard_class = static_cast<core::GuardClass>(c);
    ledger.add(guard_class, core::GuardStanding::fresh, counts.fresh[c]);
    ledger.add(guard_class, core::GuardStanding::held, counts.held[c]);
  }
  ledger.add_elsewhere(counts.elsewhere);
}

void decide(core::GuardLedger& ledger, store::Connection& environment, const config::Safety& safety) {
  ledger.add_passed(store::count_passed(environment, safety.window));
  ledger.decide([&](std::int64_t most) {
    // Before the run: neither its own creates and enables count, nor those of runs that were cut off.
    const auto unfinished = store::read_unfinished_runs(environment);
    const auto not_before = unfinished.created + unfinished.enabled;
    return store::count_enabled_rows(environment, most + not_before) - not_before;
  });
}

}  // namespace dvsync::sync
