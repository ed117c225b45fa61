#include "plan_check.hpp"

#include <algorithm>
#include <unordered_set>

#include "dvsync/store/change_fields.hpp"
#include "dvsync/sync/in_words.hpp"
#include "hashed_fields.hpp"

namespace dvsync::sync {
namespace {

SavedChange saved(const core::Change& change) {
  const bool create = change.action == core::Decision::create;
  return {.object_id = change.object_id,
          .user = (create ? change.after : change.before)[core::Column::domainname].value_or(""),
          .action = change.action,
          .reason = change.reason,
          .row = create ? std::nullopt : std::optional(digest_of(change.before)),
          .change = digest_of(change)};
}

std::string name_of(const SavedChange& change) {
  return printable(change.user.empty() ? core::to_string(change.object_id) : change.user);
}

std::string in_words(const SavedChange& change) {
  return std::string(core::name_of(change.action)) + " (" + std::string(core::code_of(change.reason)) + ")";
}

// Empty: there is none.
std::string difference(const SavedChange& planned, const SavedChange& now) {
  if (planned.held != now.held) {
    return now.held ? "the guard would hold it back now" : "the guard holds it back no more";
  }
  if (planned.row != now.row) return "the row has changed since the plan was made";
  if (planned.change == now.change) return "";
  if (!planned.held && (planned.action != now.action || planned.reason != now.reason)) {
    return in_words(planned) + " was planned, and now it would be " + in_words(now);
  }
  return "other values would be written now";
}

[[noreturn]] void refuse(const std::string& environment, const std::string& why) {
  throw PlanRefused("the plan is not carried out: environment " + environment + ": " + why);
}

}  // namespace

std::uint64_t digest_of(const core::SystemUser& row) {
  HashedFields fields;
  fields.add(std::string_view(core::to_string(row.systemuserid)));
  for (const auto& id : {row.azureactivedirectoryobjectid, row.applicationid}) {
    fields.add(id ? std::string_view(core::to_string(*id)) : std::string_view());
  }
  for (const auto& text : row.texts) fields.add_text(text);
  fields.add(row.deletedstate).add(row.islicensed).add(row.isdisabled).add_text(row.disabledreason);
  fields.add(row.accessmode).add(row.setupuser).add(row.azurestate).add(row.invitestatuscode);
  fields.add(row.azuredeletedon.has_value());
  fields.add(row.azuredeletedon ? row.azuredeletedon->time_since_epoch().count() : 0);
  fields.add(row.roles.held).add(row.roles.given).add(row.roles.available);
  for (const auto team : row.teams) fields.add(team);
  return fields.hash();
}

std::uint64_t digest_of(const core::Change& change) {
  HashedFields fields;
  fields.add(std::string_view(core::to_string(change.object_id))).add(core::name_of(change.action));
  fields.add(core::code_of(change.reason)).add(change.invitation_required).add(change.cut.bits());
  return fields.add(std::string_view(store::fields_json(change))).hash();
}

const SavedEnvironment& part_for(const SavedPlan& plan, const std::string& environment) {
  return *std::find_if(plan.environments.begin(), plan.environments.end(),
                       [&](const auto& one) { return one.name == environment; });
}

std::vector<core::Guid> users_of(const SavedEnvironment& plan) {
  std::vector<core::Guid> users;
  for (const auto& change : plan.changes) users.push_back(change.object_id);
  return users;
}

void keep_planned(const SavedEnvironment& plan, std::vector<core::Change>& changes) {
  const auto users = users_of(plan);
  const std::unordered_set<core::Guid> planned(users.begin(), users.end());
  std::erase_if(changes, [&](const core::Change& change) { return !planned.contains(change.object_id); });
}

void require_same_basis(const SavedEnvironment& plan, const PlanBasis& now) {
  const auto& then = plan.basis;
  if (then.mirror_id != now.mirror_id) refuse(plan.name, "the plan was made on another mirror");
  if (then.schema != now.schema) refuse(plan.name, "the plan was made for the schema " + printable(then.schema));
  if (then.mirror_version != now.mirror_version || then.mark != now.mark) {
    refuse(plan.name, "the directory has changed since the plan was made: the mirror had version " +
                          std::to_string(then.mirror_version) + ", and has " + std::to_string(now.mirror_version));
  }
  if (then.settings != now.settings) refuse(plan.name, "the configuration decides otherwise than when it was made");
  if (then.knowledge != now.knowledge) {
    refuse(plan.name, "the directory, or the security roles of the environment, tell more or less than then");
  }
}

void PlanCheck::changed(const std::string&, std::int64_t, const core::Change& change, const std::vector<std::string>&) {
  wrote(change);
}

void PlanCheck::may_be_held(const std::string&, const GuardedUser& user) {
  if (user.undecided) return;  // an earlier run holds it, and goes on to: no part of this plan
  auto instead =
      user.instead ? saved(*user.instead) : SavedChange{.object_id = user.object_id, .user = user.user.value_or("")};
  instead.held = true;
  guarded_.insert_or_assign(user.object_id, std::pair(user.guard_class, std::move(instead)));
}

void PlanCheck::environment_ends(std::int64_t, const EnvironmentReport& report) {
  for (auto& [id, guarded] : guarded_) {
    if (report.held_classes[static_cast<std::size_t>(guarded.first)]) decided_.insert_or_assign(id, guarded.second);
  }
}

void PlanCheck::wrote(const core::Change& change) {
  auto& decided = decided_[change.object_id];
  const bool held = decided.held;
  decided = saved(change);
  decided.held = held;
}

void PlanCheck::holds(const core::Guid& object_id) {
  auto& decided = decided_[object_id];
  decided.object_id = object_id;
  decided.held = true;
}

void PlanCheck::could_not_write(const core::Guid& object_id, std::string why) {
  not_written_.emplace(object_id, std::move(why));
}

void PlanCheck::require_same(const SavedEnvironment& plan) {
  for (const auto& planned : plan.changes) {
    const auto found = decided_.find(planned.object_id);
    if (found == decided_.end()) {
      const auto why = not_written_.find(planned.object_id);
      refuse(plan.name,
             name_of(planned) + ": " + in_words(planned) + " was planned, and " +
                 (why == not_written_.end() ? "is not decided any more" : "cannot be written: " + why->second));
    }
    const auto words = difference(planned, found->second);
    if (!words.empty()) refuse(plan.name, name_of(planned) + ": " + words);
    decided_.erase(found);
  }
  if (decided_.empty()) return;
  const auto& more = decided_.begin()->second;
  refuse(plan.name, name_of(more) + ": " + in_words(more) + " was not planned, and would be made now");
}

}  // namespace dvsync::sync
