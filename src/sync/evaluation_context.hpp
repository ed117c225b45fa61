#pragma once
// What users are evaluated against in one environment: its rules, and what the mirror knows as a whole. The same for a
// run, a dry run and requests. Private to sync.

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "dvsync/config/configuration.hpp"
#include "dvsync/core/environment.hpp"
#include "dvsync/core/guard.hpp"
#include "dvsync/core/reason.hpp"
#include "dvsync/store/access.hpp"
#include "dvsync/store/mirror.hpp"
#include "dvsync/store/run_log.hpp"
#include "dvsync/sync/report.hpp"
#include "mirror_answers.hpp"

namespace dvsync::sync {

class EvaluationContext {
 public:
  EvaluationContext(const config::Configuration& configuration, const config::Environment& environment);

  // Reads what the mirror knows now, and the environment's tables of roles and teams where its configuration has them
  // looked after. The members below that depend on it are set by this.
  void read(store::Connection& mirror, store::Connection& session);
  // The same by what was read of the mirror before.
  void read(store::Connection& mirror, store::Connection& session, const MirrorKnowledge& known);

  // As the mirror is by now.
  [[nodiscard]] store::IdentityView view_of(store::Connection& mirror) const;
  // Roles that cannot be given as they are configured, and teams whose members are not known, in words.
  [[nodiscard]] std::vector<std::string> access_warnings() const;

  // Whether gate 3 keeps out, in the background, whoever neither the group nor a role names: all of it is known.
  [[nodiscard]] bool group_decides() const;
  // What the directory as a whole cannot say: worth telling in runs, too, that looked at nobody it matters for (D7).
  [[nodiscard]] std::vector<core::Reason> standing_gaps() const;
  // Words for facts that are missing, each with the number of users it left undecided.
  [[nodiscard]] std::string describe(core::Reason missing, std::int64_t users) const;
  [[nodiscard]] core::GuardLimits guard_limits() const;
  // Whether the environment, as it stands, was last decided by these rules.
  [[nodiscard]] bool same_rules(const store::EnvironmentState& state) const { return state.rules_hash == rules_hash; }
  // What a plan rests on that is made now, as far as it is not in the rows.
  [[nodiscard]] PlanBasis basis() const;

  const config::Configuration& configuration;
  const config::Environment& environment;
  core::Environment rules;  // with the tenant's properties
  std::int64_t rules_hash = 0;

  std::vector<store::RolesOfPlans> plan_roles;
  store::Access access;

  store::MirrorState mirror_state;
  std::optional<store::GroupKnowledge> group;
  std::vector<store::TeamGroup> team_groups;  // in the order of rules.teams
  std::unique_ptr<store::IdentityView> view;
  bool has_rejected_records = false;  // records that the last pull could not use

 private:
  void read_access(store::Connection& session);
  void know(const MirrorKnowledge& known, store::Connection& mirror);
  [[nodiscard]] std::vector<std::string> names_of_groups() const;
  [[nodiscard]] std::optional<store::GroupKnowledge> group_among(const store::GroupsByName& groups) const;
  [[nodiscard]] std::vector<store::TeamGroup> team_groups_among(const store::GroupsByName& groups) const;
};

// Facts that an evaluation lacked, with the number of users whom each left undecided.
class MissingFacts {
 public:
  void add(core::Reason fact) { ++users_[fact]; }
  // Rows that somebody else held until the end of the run.
  void add_locked(std::int64_t rows) { locked_ += rows; }
  void add_standing_gaps(const EvaluationContext& context);
  [[nodiscard]] bool empty() const { return users_.empty() && locked_ == 0; }
  [[nodiscard]] std::vector<std::string> described(const EvaluationContext& context) const;

 private:
  std::map<core::Reason, std::int64_t> users_;
  std::int64_t locked_ = 0;
};

// How an evaluation ends that did not fail.
[[nodiscard]] store::Outcome outcome_of(const core::HeldClasses& held, const MissingFacts& missing);

}  // namespace dvsync::sync
