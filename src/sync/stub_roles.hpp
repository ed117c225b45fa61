#pragma once
// Placeholders without any security role get the one that the environment names for them (docs/rules.md D18). Nobody of
// the directory stands behind them, so they are no candidates of a run.

#include <functional>
#include <vector>

#include "dvsync/core/plan.hpp"
#include "evaluation_context.hpp"

namespace dvsync::sync {

// Hands over what would bring them in line, some thousand at a time. With Lock::yes of rows that nobody else holds.
void plan_stubs(const EvaluationContext& context, store::Connection& session, store::Lock lock,
                const std::function<void(std::vector<core::Change>& changes)>& on_changes);

}  // namespace dvsync::sync
