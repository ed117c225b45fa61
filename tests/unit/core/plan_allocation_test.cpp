// A run over an unchanged directory must not cost memory traffic: planning a row that is in line allocates nothing.
// A program of its own, because it replaces the global operator new.

#include <gtest/gtest.h>

#include <atomic>
#include <cstdlib>
#include <new>

#include "dvsync/core/plan.hpp"
#include "support/builders.hpp"

namespace {
std::atomic<std::size_t> allocations{0};
}  // namespace

// NOLINTBEGIN(cppcoreguidelines-no-malloc): this is what operator new is made of
void* operator new(std::size_t size) {
  ++allocations;
  if (void* const memory = std::malloc(size)) return memory;
  throw std::bad_alloc{};
}
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }
// NOLINTEND(cppcoreguidelines-no-malloc)

namespace dvsync::core {
namespace {

using test::a_row;
using test::an_identity;

TEST(PlanAllocation, IsNoneForARowInLine) {
  const std::string long_text(200, 'x');
  const Identity identity = an_identity()
                                .with(Attribute::user_principal_name, long_text)
                                .with(Attribute::job_title, long_text)  // over-long: cut
                                .with(Attribute::given_name, long_text)
                                .with(Attribute::surname, long_text);
  const Identity failing = test::IdentityBuilder{an_identity()}.account_disabled();
  for (const MappingPreset preset :
       {MappingPreset::dataverse, MappingPreset::dynamics365_2019, MappingPreset::onprem_ad}) {
    Environment environment = test::an_environment();
    environment.mapping = mapping_of(preset);
    const SystemUser enabled = a_row(identity, environment.mapping);
    const SystemUser disabled = a_row(failing, environment.mapping).disabled(Reason::account_disabled);
    const std::vector<WrittenColumn> known;

    const std::size_t before = allocations;
    const Planned unchanged = plan(environment, {}, identity, &enabled, known);
    const Planned still_disabled = plan(environment, {}, failing, &disabled, known);
    const Planned ignored = plan(environment, {}, failing, nullptr, known);
    EXPECT_EQ(allocations - before, 0U);

    EXPECT_EQ(unchanged.decision, Decision::keep);
    EXPECT_EQ(still_disabled.decision, Decision::keep);
    EXPECT_EQ(ignored.decision, Decision::ignore);
  }
}

TEST(PlanAllocation, IsCounted) {
  const std::size_t before = allocations;
  const Planned planned = plan(test::an_environment(), {}, an_identity(), nullptr);
  EXPECT_TRUE(planned.change);
  EXPECT_GT(allocations - before, 0U);
}

}  // namespace
}  // namespace dvsync::core
