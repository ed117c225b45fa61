// What deciding costs by itself: gates, mapping and plan of one identity. No I/O.

#include <benchmark/benchmark.h>

#include <vector>

#include "dvsync/core/plan.hpp"
#include "support/builders.hpp"

namespace dvsync::core {
namespace {

constexpr std::uint64_t identities = 4096;  // more than fit into a processor's first caches

struct Case {
  Environment environment = test::an_environment();
  std::vector<Identity> directory;
  std::vector<SystemUser> rows;

  Case() {
    for (std::uint64_t n = 0; n < identities; ++n) {
      directory.push_back(test::an_identity(n)
                              .with(Attribute::user_principal_name, "user" + std::to_string(n) + "@contoso.example")
                              .with(Attribute::job_title, "Director of something long enough for the heap"));
      rows.push_back(test::a_row(directory.back(), environment.mapping));
    }
  }
};

void plan_all(benchmark::State& state, const Case& facts, bool with_rows) {
  const std::vector<WrittenColumn> known;
  std::size_t at = 0;
  for (auto _ : state) {
    benchmark::DoNotOptimize(
        plan(facts.environment, {}, facts.directory[at], with_rows ? &facts.rows[at] : nullptr, known));
    at = (at + 1) % identities;
  }
  state.SetItemsProcessed(static_cast<std::int64_t>(state.iterations()));
}

void unchanged(benchmark::State& state) { plan_all(state, Case(), true); }

void created(benchmark::State& state) { plan_all(state, Case(), false); }

void updated(benchmark::State& state) {
  Case facts;
  for (auto& row : facts.rows) row[Column::jobtitle] = "Apprentice";
  plan_all(state, facts, true);
}

void disabled(benchmark::State& state) {
  Case facts;
  for (auto& identity : facts.directory) identity.account_enabled = false;
  plan_all(state, facts, true);
}

BENCHMARK(unchanged);
BENCHMARK(created);
BENCHMARK(updated);
BENCHMARK(disabled);

}  // namespace
}  // namespace dvsync::core

BENCHMARK_MAIN();
