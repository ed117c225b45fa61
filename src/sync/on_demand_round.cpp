#include "on_demand_round.hpp"

#include <algorithm>
#include <cmath>

#include "dvsync/core/guard.hpp"
#include "dvsync/store/user_references.hpp"
#include "dvsync/sync/subjects.hpp"
#include "guard_verdict.hpp"

namespace dvsync::sync {
namespace {

constexpr const char* held_detail =
    "the guard holds the disable back until an operator approves it; `dvsync status` says since when";

// Fields that were the administrator's to edit follow again.
core::FieldMapping following(core::FieldMapping mapping) {
  for (auto& policy : mapping.policies) {
    if (policy != core::UpdatePolicy::never) policy = core::UpdatePolicy::always;
  }
  return mapping;
}

core::Environment rules_for(const core::Environment& rules, const Asking& asking) {
  core::Environment adapted = rules;
  if (asking.all_fields) adapted.mapping = following(rules.mapping);
  if (asking.by_hand) adapted.manual_disable = core::ManualDisable::override_;
  return adapted;
}

// How many enabled rows have to be there for the guard to let this pass: no need to count beyond.
std::int64_t rows_that_matter(const config::Safety& safety, std::int64_t decisions) {
  if (safety.max_disables_percent <= 0) return decisions * 2 + 1;
  const auto for_percent = static_cast<double>(decisions) * 100 / safety.max_disables_percent;
  return std::max(decisions * 2, static_cast<std::int64_t>(std::ceil(for_percent))) + 1;
}

}  // namespace

OnDemand::Round::Round(const config::Safety& safety, const store::WriteSettings& settings, const Sight& sight,
                       store::Connection& mirror, store::Connection& session, const Asking& asking)
    : safety_(safety),
      settings_(settings),
      sight_(sight),
      mirror_(mirror),
      session_(session),
      asking_(asking),
      rules_(rules_for(sight.rules, asking)),
      freshness_(mirror, sight.state.version, {sight.security_group, sight.licenses}) {
  run_.run_id = asking.run_id;
  run_.trigger = asking.trigger;
  run_.requested_by = asking.requested_by;
  run_.mirror_version = sight.state.version;
}

std::vector<Answer> OnDemand::Round::run(const std::vector<Resolved>& asked) {
  std::vector<core::Guid> users;
  for (const auto& one : asked) {
    if (one.object_id && answers_.try_emplace(*one.object_id).second) users.push_back(*one.object_id);
  }
  look_at(users);
  if (asking_.impatient && !tasks_.empty()) leave_held_rows();
  if (!tasks_.empty()) write();
  std::vector<Answer> answers;
  answers.reserve(asked.size());
  for (const auto& one : asked) {
    answers.push_back(one.object_id ? answers_.at(*one.object_id) : refusal_of(one));
    answers.back().asked = one.asked;
  }
  return answers;
}

void OnDemand::Round::look_at(const std::vector<core::Guid>& users) {
  if (users.empty()) return;
  static const std::vector<core::WrittenColumn> nothing_written;
  auto identities = read_identities(mirror_, *sight_.view, users);
  const auto rows = store::read_rows(session_, users, store::Lock::no);
  store::WrittenById written;
  if (remembers_writes(rules_.mapping)) {
    std::vector<core::Guid> ids;
    for (const auto& [user, row] : rows) ids.push_back(row.systemuserid);
    written = store::read_written(session_, ids);
  }
  for (auto& identity : identities) {
    const auto row = rows.find(identity.object_id);
    const auto* there = row == rows.end() ? nullptr : &row->second;
    const auto known = there != nullptr ? written.find(there->systemuserid) : written.end();
    if (sight_.rejected.contains(identity.object_id)) {
      leave_alone(identity, there);
    } else {
      plan(identity, there, known == written.end() ? nothing_written : known->second);
    }
  }
}

// Its own record could not be used: nothing happens to it, as in a run.
void OnDemand::Round::leave_alone(const core::Identity& identity, const core::SystemUser* row) {
  const auto& [reason, detail] = sight_.rejected.at(identity.object_id);
  auto& answer = answers_.at(identity.object_id);
  const bool enabled = row != nullptr && !row->isdisabled && !core::row_type_exclusion(*row);
  answer = {.asked = {},
            .decision = enabled ? core::Decision::keep : core::Decision::refuse,
            .access = enabled,
            .reason = reason,
            .detail = detail,
            .object_id = identity.object_id,
            .user_name = identity.profile[core::Attribute::user_principal_name].value_or(""),
            .systemuserid = row != nullptr ? std::optional(row->systemuserid) : std::nullopt,
            .run_id = std::nullopt};
  run_.counters.count_rejected();
}

void OnDemand::Round::plan(core::Identity& identity, const core::SystemUser* row,
                           const std::vector<core::WrittenColumn>& written) {
  const core::PlanOptions options{.trigger = asking_.trigger};
  const auto planned = core::plan(rules_, options, identity, row, written);
  answers_.at(identity.object_id).user_name = identity.profile[core::Attribute::user_principal_name].value_or("");
  note(identity.object_id, planned, row);
  if (planned.missing) run_.incomplete = true;
  if (!planned.change) return run_.counters.count_quiet(planned, row != nullptr);
  // Everybody counts as having a row, so that one that came meanwhile is locked as well.
  tasks_.push_back({.identity = std::move(identity), .options = options, .has_row = true});
}

void OnDemand::Round::note(const core::Guid& user, const core::Planned& planned, const core::SystemUser* row) {
  auto& answer = answers_.at(user);
  answer.object_id = user;
  answer.decision = planned.decision;
  answer.access = planned.access;
  answer.reason = core::code_of(planned.reason);
  answer.detail = planned.rejection ? planned.rejection->detail : "";
  answer.systemuserid = row != nullptr ? std::optional(row->systemuserid) : std::nullopt;
  answer.missing = planned.missing.has_value();
}

void OnDemand::Round::note_written(const core::Change& change) {
  auto& answer = answers_.at(change.object_id);
  answer.systemuserid = change.after.systemuserid;
  answer.run_id = run_.run_id;
  refused_.erase(change.object_id);
  written_.push_back(change.after.systemuserid);
}

// Who is enabled and stays so is not kept at the door because somebody, most likely a run, writes the row at this
// moment: whatever it lacks, the next run brings it.
void OnDemand::Round::leave_held_rows() {
  const auto only_updated = [this](const Task& task) {
    const auto& answer = answers_.at(task.identity.object_id);
    return answer.decision == core::Decision::update && answer.access;
  };
  std::vector<core::Guid> users;
  for (const auto& task : tasks_) {
    if (only_updated(task)) users.push_back(task.identity.object_id);
  }
  if (users.empty()) return;
  const auto free = store::lock_free_rows(session_, users);
  std::erase_if(tasks_, [&](const Task& task) {
    if (!only_updated(task) || free.contains(task.identity.object_id)) return false;
    answers_.at(task.identity.object_id).decision = core::Decision::keep;
    return true;
  });
}

void OnDemand::Round::write() {
  if (run_.run_id == 0) run_.run_id = store::next_run_id(mirror_);
  mark_guarded_admissions();
  store::Batch batch(session_, settings_, run_.run_id, asking_.batch_no);
  execute_some(batch, std::exchange(tasks_, {}), {}, true);
  if (!guarded_.empty()) consult_guard(batch);
  note_refused();
  log(batch);
}

// D12: after a change of rules, but not while an environment that was empty is filled for the first time.
bool OnDemand::Round::guards_admissions() {
  const auto state = store::read_environment_state(session_);
  if (state.rules_hash == sight_.rules_hash) return false;
  std::string query = std::string("SELECT EXISTS (SELECT FROM systemuser u WHERE ") + store::touchable_rows;
  if (!state.rules_hash) {
    query +=
        " AND NOT EXISTS (SELECT FROM sync_change c WHERE c.action = 'create' AND c.azureactivedirectoryobjectid = "
        "u.azureactivedirectoryobjectid)";
  }
  return session_.exec(query + ")").boolean(0, 0);
}

void OnDemand::Round::mark_guarded_admissions() {
  if (asking_.by_hand) return;
  std::vector<core::Guid> admitted;
  for (const auto& task : tasks_) {
    const auto decision = answers_.at(task.identity.object_id).decision;
    if (decision == core::Decision::create || decision == core::Decision::enable) {
      admitted.push_back(task.identity.object_id);
    }
  }
  if (admitted.empty()) return;
  const bool all = guards_admissions();
  std::vector<core::Guid> held;  // by an earlier run: they stay guarded whatever the rules are now
  for (const auto& waiting : store::held_among(session_, admitted)) {
    if (waiting.guard_class == core::GuardClass::admitted) held.push_back(waiting.object_id);
  }
  for (auto& task : tasks_) {
    task.options.guard_admissions = all || std::find(held.begin(), held.end(), task.identity.object_id) != held.end();
  }
}

void OnDemand::Round::execute_some(store::Batch& batch, std::vector<Task> tasks, const std::vector<std::string>& notes,
                                   bool counts) {
  if (tasks.empty()) return;
  const bool final = tasks.front().final;
  const auto planned = [&](const core::Guid& user, const core::Planned& one, const core::SystemUser* row) {
    note(user, one, row);
    refused_.erase(user);
    if (!one.change) return;
    if (one.change->guarded && !final) {
      guarded_[user] = *one.change->guarded;
    } else {
      refused_.insert(user);
    }
  };
  auto executed = execute(
      batch, rules_, std::move(tasks), freshness_, notes,
      [this](const core::Change& change, const auto&) { note_written(change); }, planned);
  run_.counters += executed.counters;
  run_.incomplete = run_.incomplete || !executed.missing.empty();
  for (std::size_t c = 0; counts && c < run_.passed.size(); ++c) run_.passed[c] += executed.passed[c];
  for (const auto& rejection : executed.rejections) {
    if (rejection.object_id) answers_.at(*rejection.object_id).detail = rejection.detail;
  }
}

// D8: no request walks around the guard. Each guarded change is executed, or held under this run's id.
void OnDemand::Round::consult_guard(store::Batch& batch) {
  if (!store::try_take_guard(session_)) throw GuardBusy();
  const auto held_classes = count_for_guard();
  std::vector<core::Guid> users;
  for (const auto& [user, guard_class] : guarded_) users.push_back(user);
  std::sort(users.begin(), users.end());
  std::unordered_map<core::Guid, store::Waiting> earlier;  // decided by an earlier run, in the same class
  for (const auto& waiting : store::held_among(session_, users)) earlier.emplace(waiting.object_id, waiting);
  std::array<std::vector<Task>, 3> parts;  // released, held, approved
  std::vector<core::Guid> carried_out;
  for (auto& identity : read_identities(mirror_, *sight_.view, users)) {
    const auto user = identity.object_id;
    const auto guard_class = guarded_.at(user);
    const auto found = earlier.find(user);
    const bool approved = found != earlier.end() && found->second.approved;
    const bool hold = !approved && (found != earlier.end() || held_classes[static_cast<std::size_t>(guard_class)]);
    if (!hold) carried_out.push_back(user);
    auto& part = approved ? parts[2] : hold ? parts[1] : parts[0];
    part.push_back({.identity = std::move(identity),
                    .options = {.trigger = asking_.trigger,
                                .guard_admissions = guard_class == core::GuardClass::admitted,
                                .withhold_transition = hold},
                    .has_row = true,
                    .final = true,
                    .held = hold});
  }
  for (const auto& task : parts[1]) answers_.at(task.identity.object_id).held = true;
  run_.held = !parts[1].empty();
  for (std::size_t c = 0; c < held_classes.size(); ++c) {
    if (held_classes[c]) store::hold(session_, run_.run_id, static_cast<core::GuardClass>(c));
  }
  execute_some(batch, std::move(parts[0]), {}, true);
  execute_some(batch, std::move(parts[1]), {"held"}, false);
  execute_some(batch, std::move(parts[2]), {"approved"}, false);
  store::forget_carried_out(session_, carried_out);
  for (auto& [user, answer] : answers_) {
    if (answer.held) answer.detail = held_detail;
  }
}

std::array<bool, core::guard_class_count> OnDemand::Round::count_for_guard() {
  const auto wanted = store::count_wanted(session_, run_.run_id, true);
  const auto passed = store::count_passed(session_, safety_.window);
  return held_by_guard(safety_, {wanted, wanted, passed, {}}, [&](std::int64_t decisions) {
    return store::count_enabled_rows_up_to(session_, rows_that_matter(safety_, decisions));
  });
}

// What the table did not take, even without its fields.
void OnDemand::Round::note_refused() {
  for (const auto& user : refused_) {
    auto& answer = answers_.at(user);
    answer.decision = core::Decision::refuse;
    answer.access = false;
    answer.reason = core::code_of(core::Reason::invalid_value);
  }
}

void OnDemand::Round::log(store::Batch& batch) {
  if (!written_.empty()) {
    for (const auto& collision : store::find_namesakes(session_, written_)) {
      run_.warnings.push_back("user_name_collision: " + collision.domainname + " is the user name of " +
                              core::to_string(collision.written) + " and of " + core::to_string(collision.other));
    }
  }
  store::log_user_run(session_, run_);
  batch.log_batch(run_.counters);
}

}  // namespace dvsync::sync
