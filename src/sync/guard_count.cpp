#include "guard_count.hpp"

#include <algorithm>

#include "dvsync/store/pending.hpp"
#include "dvsync/sync/in_words.hpp"

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

namespace {

// Before the run: neither its own creates and enables count, nor those of runs that were cut off.
std::int64_t enabled_rows_before(store::Connection& environment, std::int64_t made, std::int64_t most) {
  const auto unfinished = store::read_unfinished_runs(environment);
  const auto not_before = unfinished.created + unfinished.enabled + made;
  return store::count_enabled_rows(environment, most + not_before) - not_before;
}

constexpr std::int64_t all_rows = 1'000'000'000'000;

}  // namespace

void decide(core::GuardLedger& ledger, store::Connection& environment, const config::Safety& safety,
            std::int64_t made) {
  if (std::ranges::all_of(ledger.own(), [](std::int64_t decisions) { return decisions == 0; })) return;
  ledger.add_passed(store::count_passed(environment, safety.window));
  ledger.add_declined(store::count_waiting(environment, 0).declined, store::count_declined(environment, safety.window));
  ledger.decide([&](std::int64_t most) { return enabled_rows_before(environment, made, most); });
}

std::vector<std::string> held_because(const core::GuardLedger& ledger, store::Connection& environment,
                                      const config::Safety& safety, std::int64_t made) {
  std::vector<std::string> sentences;
  if (!ledger.holds_anything()) return sentences;
  const auto rows = enabled_rows_before(environment, made, all_rows);
  for (std::size_t c = 0; c < core::guard_class_count; ++c) {
    if (!ledger.held()[c]) continue;
    const auto guard_class = static_cast<core::GuardClass>(c);
    sentences.push_back(
        arithmetic_in_words(guard_class, ledger.arithmetic(guard_class, rows), ledger.limits(), safety.window));
  }
  return sentences;
}

}  // namespace dvsync::sync
