#include "stub_roles.hpp"

#include "candidates.hpp"

namespace dvsync::sync {

void plan_stubs(const EvaluationContext& context, store::Connection& session, store::Lock lock,
                const std::function<void(std::vector<core::Change>& changes)>& on_changes) {
  if (context.rules.roles.stub == 0) return;
  core::Guid after;
  for (;;) {
    const auto stubs = context.access.roles->stubs_without_role(session, after, chunk_size, lock);
    if (stubs.empty()) return;
    after = stubs.back().systemuserid;
    std::vector<core::Change> changes;
    for (const auto& stub : stubs) {
      if (auto change = core::plan_stub(context.rules, stub)) changes.push_back(std::move(*change));
    }
    if (!changes.empty()) on_changes(changes);
  }
}

}  // namespace dvsync::sync
