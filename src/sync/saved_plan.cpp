#include "dvsync/sync/saved_plan.hpp"

#include <algorithm>

#include "dvsync/store/open.hpp"
#include "dvsync/sync/in_words.hpp"
#include "engine_steps.hpp"
#include "plan_check.hpp"

namespace dvsync::sync {
namespace {

// Of the plan: the environments in which it is still to be carried out.
class Application {
 public:
  Application(const config::Configuration& configuration, const SavedPlan& plan, const RunRequest& request,
              Observer& observer, std::stop_token stop)
      : configuration_(configuration), plan_(plan), request_(request), observer_(observer), stop_(std::move(stop)) {}

  RunReport run() {
    const auto mirror = store::open_mirror(configuration_, {.stop = stop_});
    const auto lease = acquire_lease(configuration_, request_, observer_, stop_);
    find_environments();
    RunReport report;
    if (!environments_.empty()) {
      std::mutex observer_mutex;
      RunContext context{.configuration = configuration_,
                         .scope = {.requested_by = request_.requested_by, .saved = &plan_},
                         .observer = observer_,
                         .observer_mutex = observer_mutex,
                         .stop = stop_};
      for (const auto* environment : environments_) look_first(context, *environment);
      context.run_id = unused_run_id(configuration_, environments_, *mirror, stop_);
      context.worker = lease->worker_name();
      report = run_environments(context, environments_, *lease);
    }
    report.note = note_;
    return report;
  }

 private:
  void find_environments() {
    for (const auto& part : plan_.environments) {
      const auto found = std::find_if(configuration_.environments.begin(), configuration_.environments.end(),
                                      [&](const auto& one) { return one.rules.name == part.name; });
      if (found == configuration_.environments.end()) {
        throw PlanRefused("the plan is not carried out: the configuration has no environment " + printable(part.name));
      }
      if (part.changes.empty()) continue;
      const auto applied =
          store::run_that_applied(*store::open_environment(configuration_, *found, {.stop = stop_}), plan_.hash);
      if (!applied) {
        environments_.push_back(&*found);
        continue;
      }
      note_ += (note_.empty() ? "" : "; ") + std::string("run ") + std::to_string(*applied) +
               " has carried this plan out in " + part.name;
    }
  }

  // Nothing is written anywhere before every environment is as the plan has it.
  void look_first(const RunContext& about, const config::Environment& environment) {
    PlanCheck now;
    const RunContext context{.configuration = configuration_,
                             .scope = about.scope,
                             .observer = now,
                             .observer_mutex = about.observer_mutex,
                             .stop = stop_};
    try {
      now.environment_ends(0, plan_environment(context, environment));
      now.require_same(part_for(plan_, environment.rules.name));
    } catch (const PlanRefused& refused) {
      throw PlanRefused(refused.what() + (note_.empty() ? "" : "; " + note_));
    }
  }

  const config::Configuration& configuration_;
  const SavedPlan& plan_;
  const RunRequest& request_;
  Observer& observer_;
  std::stop_token stop_;
  std::vector<const config::Environment*> environments_;
  std::string note_;
};

}  // namespace

RunReport apply(const config::Configuration& configuration, const SavedPlan& plan, const RunRequest& request,
                Observer& observer, std::stop_token stop) {
  return explained(configuration,
                   [&] { return Application(configuration, plan, request, observer, std::move(stop)).run(); });
}

}  // namespace dvsync::sync
