#include "dvsync/sync/what_if.hpp"

#include <algorithm>
#include <functional>
#include <unordered_map>
#include <unordered_set>
#include <utility>

#include "dvsync/store/group_members.hpp"
#include "dvsync/store/open.hpp"
#include "dvsync/sync/engine.hpp"
#include "dvsync/sync/in_words.hpp"
#include "engine_steps.hpp"
#include "guard_count.hpp"
#include "run_failure.hpp"
#include "run_kind.hpp"
#include "stored_facts.hpp"

namespace dvsync::sync {
namespace {

std::vector<core::Guid> groups_named(store::Connection& mirror, const std::vector<std::string>& words) {
  std::vector<core::Guid> groups;
  for (const auto& word : words) {
    const auto found = store::find_group(mirror, word);
    if (found) {
      groups.push_back(*found);
      continue;
    }
    std::string known;
    for (const auto& name : store::group_names(mirror)) known += (known.empty() ? "" : ", ") + printable(name);
    throw UsageError("the mirror has no group " + printable(word) +
                     (known.empty() ? "; no environment names one" : "; environments name " + known));
  }
  return groups;
}

// One environment, as it is and as it would be.
class Comparison {
 public:
  Comparison(const RunContext& context, const config::Environment& present, const config::Configuration& other,
             const config::Environment& changed, const WhatIf& asked, WhatIfObserver& observer)
      : context_(context),
        sessions_(context, present),
        now_(context.configuration, present),
        then_(other, changed),
        asked_(asked),
        observer_(observer) {}

  WhatIfEnvironment make() {
    report_.name = now_.environment.rules.name;
    observer_.begins(report_.name);
    now_.read(*sessions_.mirror, *sessions_.main);
    then_.read(*sessions_.mirror, *sessions_.main);
    evaluate(
        now_, [](core::Identity&) {}, [this](const Evaluated& evaluated) { remember(evaluated); });
    core::GuardLedger ledger(then_.guard_limits(), extent());
    const auto change = changes();
    evaluate(then_, change, [&](const Evaluated& evaluated) {
      if (evaluated.guard_class) ledger.add(*evaluated.guard_class, evaluated.standing);
      compare(evaluated);
    });
    decide(ledger, *sessions_.main, then_.configuration.safety);
    report_.held_because = held_because(ledger, *sessions_.main, then_.configuration.safety);
    missing_.add_standing_gaps(then_);
    report_.missing = missing_.described(then_);
    return report_;
  }

 private:
  // Where nothing changes but for single users, nobody else has to be looked at.
  [[nodiscard]] bool only_users() const { return asked_.configuration == nullptr && asked_.without_groups.empty(); }
  [[nodiscard]] core::GuardLedger::Extent extent() const {
    return only_users() ? core::GuardLedger::Extent::single_users : core::GuardLedger::Extent::everybody;
  }

  void evaluate(EvaluationContext& by, const std::function<void(core::Identity&)>& change,
                const std::function<void(const Evaluated&)>& take) {
    IdentityRefresher mirror(*sessions_.mirror, by);
    StoredFacts facts(by, mirror, *sessions_.main, !only_users());
    Planner planner(by.rules, core::Trigger::background,
                    facts.guards_admissions() ? Admissions::guarded : Admissions::free, facts);
    const auto candidates = only_users() ? only({*sessions_.mirror, *sessions_.main}, *by.view, asked_.without_users)
                                         : everybody(sessions_.reading(), *by.view);
    std::vector<Candidate> chunk;
    while (candidates->next(chunk)) {
      if (context_.stop.stop_requested()) throw Interrupted();
      for (auto& candidate : chunk) change(candidate.identity);
      planner.evaluate(chunk, [&](const Evaluated& evaluated) {
        if (evaluated.broken == nullptr) take(evaluated);
      });
    }
  }

  // What is other in the facts about a user.
  std::function<void(core::Identity&)> changes() {
    std::unordered_set<core::Guid> gone(asked_.without_users.begin(), asked_.without_users.end());
    std::optional<std::unordered_set<core::Guid>> still_nested;
    bool nobody = false;
    const auto groups = groups_named(*sessions_.mirror, asked_.without_groups);
    if (!groups.empty() && then_.group && then_.group->object_id) {
      nobody = std::find(groups.begin(), groups.end(), *then_.group->object_id) != groups.end();
      if (!nobody) still_nested = store::nested_members(*sessions_.mirror, *then_.group->object_id, groups);
    }
    return [gone = std::move(gone), still_nested = std::move(still_nested), nobody](core::Identity& identity) {
      if (gone.contains(identity.object_id)) identity.lifecycle = core::Lifecycle::gone;
      if (nobody) identity.group = {};
      if (still_nested && identity.group.nested == true && !still_nested->contains(identity.object_id)) {
        identity.group.nested = false;
      }
    };
  }

  static Access access_of(const core::Planned& planned) {
    return {.access = planned.access, .decision = planned.decision, .reason = planned.reason};
  }
  void remember(const Evaluated& evaluated) {
    before_.emplace(evaluated.identity.object_id, access_of(evaluated.planned));
  }
  void compare(const Evaluated& evaluated) {
    if (evaluated.planned.missing) missing_.add(*evaluated.planned.missing);
    const auto found = before_.find(evaluated.identity.object_id);
    const auto then = access_of(evaluated.planned);
    if (found == before_.end() || found->second.access == then.access) return;
    ++(then.access ? report_.gain : report_.lose);
    const auto& name = evaluated.row != nullptr ? (*evaluated.row)[core::Column::domainname]
                                                : evaluated.identity.profile[core::Attribute::user_principal_name];
    observer_.differs({.object_id = evaluated.identity.object_id, .user = name, .now = found->second, .then = then});
  }

  const RunContext& context_;
  RunSessions sessions_;
  EvaluationContext now_;
  EvaluationContext then_;
  const WhatIf& asked_;
  WhatIfObserver& observer_;
  std::unordered_map<core::Guid, Access> before_;
  MissingFacts missing_;
  WhatIfEnvironment report_;
};

const config::Environment* named(const config::Configuration& configuration, const std::string& name) {
  const auto& all = configuration.environments;
  const auto found = std::find_if(all.begin(), all.end(), [&](const auto& one) { return one.rules.name == name; });
  return found == all.end() ? nullptr : &*found;
}

WhatIfEnvironment not_compared(const std::string& name, std::string why) {
  WhatIfEnvironment report;
  report.name = name;
  report.note = std::move(why);
  return report;
}

}  // namespace

std::vector<WhatIfEnvironment> what_if(const config::Configuration& present, const WhatIf& other,
                                       const std::vector<std::string>& environments, WhatIfObserver& observer,
                                       std::stop_token stop) {
  const auto& changed = other.configuration == nullptr ? present : *other.configuration;
  explained(present, [&] { return groups_named(*store::open_mirror(present, {.stop = stop}), other.without_groups); });
  std::mutex observer_mutex;
  Observer nobody;
  const RunContext context{.configuration = present,
                           .scope = {},
                           .observer = nobody,
                           .observer_mutex = observer_mutex,
                           .stop = std::move(stop)};
  std::vector<WhatIfEnvironment> reports;
  const auto add = [&](WhatIfEnvironment report) {
    observer.ends(report);
    reports.push_back(std::move(report));
  };
  for (const auto* environment : chosen(present, environments)) {
    const auto& name = environment->rules.name;
    const auto* there = named(changed, name);
    if (there == nullptr) {
      add(not_compared(name, "the other configuration does not have it: its rows stay as they are"));
    } else if (environment->rules.type == core::EnvironmentType::none ||
               there->rules.type == core::EnvironmentType::none) {
      if (environment->rules.type != there->rules.type) add(not_compared(name, "it has no table in one of the two"));
    } else {
      try {
        add(Comparison(context, *environment, changed, *there, other, observer).make());
      } catch (const StoreError&) {
        const auto failure = failure_of(std::current_exception(), present, environment);
        auto report = not_compared(name, "");
        report.error = failure.reason;
        report.cause = failure.cause;
        add(std::move(report));
      }
    }
  }
  for (const auto& environment : changed.environments) {
    if (!environments.empty() || named(present, environment.rules.name) != nullptr) continue;
    add(not_compared(environment.rules.name,
                     "only the other configuration has it: once it is migrated, `dvsync plan` there says who gets in"));
  }
  return reports;
}

}  // namespace dvsync::sync
