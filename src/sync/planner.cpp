#include "planner.hpp"

#include <algorithm>

namespace dvsync::sync {
namespace {

bool is_admission(const core::Planned& planned) {
  return planned.change &&
         (planned.change->action == core::Decision::create || planned.change->action == core::Decision::enable);
}

store::WrittenById written_of(const std::vector<Candidate>& chunk, EvaluationFacts& facts) {
  std::vector<core::Guid> ids;
  for (const auto& candidate : chunk) {
    if (candidate.row) ids.push_back(candidate.row->systemuserid);
  }
  return ids.empty() ? store::WrittenById{} : facts.written(ids);
}

}  // namespace

// What is asked about the chunk as a whole: who has a broken record, and, once it matters for one of them, what is
// held.
class Planner::Chunk {
 public:
  Chunk(const std::vector<Candidate>& candidates, EvaluationFacts& facts) : facts_(facts) {
    ids_.reserve(candidates.size());
    for (const auto& candidate : candidates) ids_.push_back(candidate.identity.object_id);
    rejected_ = facts.rejected_among(ids_);
  }

  const source::RejectedRecord* rejected(const core::Guid& id) const {
    const auto found = rejected_.find(id);
    return found == rejected_.end() ? nullptr : &found->second;
  }
  const store::Waiting* held(const core::Guid& id) {
    if (!held_) {
      held_.emplace();
      for (const auto& waiting : facts_.held_among(ids_)) held_->emplace(waiting.object_id, waiting);
    }
    const auto found = held_->find(id);
    return found == held_->end() ? nullptr : &found->second;
  }

 private:
  EvaluationFacts& facts_;
  std::vector<core::Guid> ids_;
  store::RejectedById rejected_;
  std::optional<std::unordered_map<core::Guid, store::Waiting>> held_;
};

Planner::Planner(const core::Environment& rules, core::Trigger trigger, Admissions admissions, EvaluationFacts& facts)
    : rules_(rules),
      options_{.trigger = trigger, .guard_admissions = admissions == Admissions::guarded},
      admissions_(admissions),
      facts_(facts),
      remembers_writes_(remembers_writes(rules.mapping)) {}

void Planner::evaluate(std::vector<Candidate>& candidates, const OnEvaluated& on_evaluated) {
  if (candidates.empty()) return;
  Chunk chunk(candidates, facts_);
  if (rules_.roles.any() || rules_.teams.any()) {
    std::vector<core::SystemUser*> rows;
    for (auto& candidate : candidates) {
      if (candidate.row) rows.push_back(&*candidate.row);
    }
    facts_.read_access(rows);
  }
  const auto written = remembers_writes_ ? written_of(candidates, facts_) : store::WrittenById{};
  for (auto& candidate : candidates) {
    Evaluated evaluated{.identity = candidate.identity,
                        .row = candidate.row ? &*candidate.row : nullptr,
                        .broken = chunk.rejected(candidate.identity.object_id),
                        .written = &written};
    plan(evaluated, chunk, written);
    on_evaluated(evaluated);
  }
}

void Planner::plan(Evaluated& evaluated, Chunk& chunk, const store::WrittenById& written) {
  const auto& id = evaluated.identity.object_id;
  auto& planned = evaluated.planned;
  evaluated.options = options_;
  if (evaluated.broken == nullptr) {
    planned = plan_with(rules_, evaluated.options, evaluated.identity, evaluated.row, written);
    if (is_admission(planned) && !planned.change->guarded && guards_admission(id, chunk)) {
      evaluated.options.guard_admissions = true;
      planned.change->guarded = core::GuardClass::admitted;
    }
  }
  if (heed_declined(evaluated, written)) return;
  if (planned.change && planned.change->guarded) {
    evaluated.guard_class = planned.change->guarded;
    const auto* held = chunk.held(id);
    // A hold, or its approval, is for one decision: another class starts anew.
    if (held != nullptr && held->guard_class == *evaluated.guard_class) {
      evaluated.standing = held->approved ? core::GuardStanding::approved : core::GuardStanding::held;
    }
  } else if (evaluated.broken != nullptr || planned.missing) {
    const auto* held = chunk.held(id);
    if (held == nullptr || held->approved) return;
    // Nobody can tell now whether what is held of this user is still wanted: it stays held, and counts (D8).
    evaluated.guard_class = held->guard_class;
    evaluated.standing = core::GuardStanding::undecided;
  }
}

const store::Declined* Planner::declined(const core::Guid& id) {
  if (!declined_) {
    declined_.emplace();
    for (const auto& one : facts_.declined()) declined_->emplace(one.object_id, &one);
  }
  const auto found = declined_->find(id);
  return found == declined_->end() ? nullptr : found->second;
}

bool Planner::heed_declined(Evaluated& evaluated, const store::WrittenById& written) {
  const auto* rejected = admissions_ == Admissions::by_hand ? nullptr : declined(evaluated.identity.object_id);
  // Where a fact is missing, nobody can tell: the rejection stands, and so does the row.
  if (rejected == nullptr || evaluated.broken != nullptr || evaluated.planned.missing) return false;
  auto& planned = evaluated.planned;
  const bool same = planned.change && planned.change->guarded == rejected->guard_class &&
                    core::code_of(planned.change->reason) == rejected->reason;
  if (!same) {
    evaluated.no_longer_declined = true;
    return false;
  }
  evaluated.options.withhold_transition = true;
  planned = plan_with(rules_, evaluated.options, evaluated.identity, evaluated.row, written);
  return true;
}

bool Planner::guards_admission(const core::Guid& id, Chunk& chunk) {
  if (admissions_ == Admissions::by_hand) return false;
  const auto* rejected = declined(id);
  if (rejected != nullptr && rejected->guard_class == core::GuardClass::admitted) return true;
  const auto* held = chunk.held(id);
  if (held != nullptr && held->guard_class == core::GuardClass::admitted) return true;
  return admissions_ == Admissions::ask_facts && facts_.guards_admissions();
}

core::Planned plan_with(const core::Environment& rules, const core::PlanOptions& options,
                        const core::Identity& identity, const core::SystemUser* row,
                        const store::WrittenById& written) {
  static const std::vector<core::WrittenColumn> nothing_written;
  const auto known = row != nullptr ? written.find(row->systemuserid) : written.end();
  return core::plan(rules, options, identity, row, known == written.end() ? nothing_written : known->second);
}

store::ListedRejection listed(const core::Identity& identity, const core::Rejection& rejection) {
  return {.object_id = identity.object_id,
          .place = "",
          .reason = std::string(core::code_of(rejection.reason)),
          .detail = rejection.detail,
          .domainname = identity.profile[core::Attribute::user_principal_name]};
}

bool remembers_writes(const core::FieldMapping& mapping) {
  return std::find(mapping.policies.begin(), mapping.policies.end(), core::UpdatePolicy::until_edited) !=
         mapping.policies.end();
}

}  // namespace dvsync::sync
