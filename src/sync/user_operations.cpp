#include "dvsync/sync/user_operations.hpp"

#include <algorithm>

#include "dvsync/interruptible_sleep.hpp"
#include "dvsync/source/open_directory.hpp"
#include "dvsync/store/business_unit.hpp"
#include "dvsync/store/open.hpp"
#include "dvsync/store/preflight.hpp"
#include "dvsync/store/requests.hpp"
#include "dvsync/store/run_log.hpp"
#include "dvsync/sync/engine.hpp"
#include "group_members.hpp"

namespace dvsync::sync {
namespace {

constexpr std::size_t users_a_transaction = 4000;
constexpr std::size_t look_ups_a_transaction = 20;  // what was asked for waits for its transaction
constexpr std::chrono::milliseconds between_attempts{100};
constexpr std::chrono::seconds patience{60};

RequestOutcome answer_about(const core::SystemUser& row, const std::string& asked) {
  RequestOutcome answer;
  answer.asked = asked;
  answer.object_id = row.azureactivedirectoryobjectid;
  answer.user_name = row[core::Column::domainname].value_or("");
  answer.systemuserid = row.systemuserid;
  answer.access = !row.isdisabled;
  return answer;
}

bool means_nobody(const RequestOutcome& answer) {
  return !answer.systemuserid &&
         (answer.reason == refusal::not_in_directory || answer.reason == refusal::directory_unknown);
}

RequestOutcome refused(RequestOutcome answer, std::string reason, std::string detail = {}) {
  answer.decision = core::Decision::refuse;
  answer.reason = std::move(reason);
  answer.detail = std::move(detail);
  return answer;
}

void keep_refusals(store::Connection& session, const std::string& command, const std::string& requested_by,
                   const std::vector<RequestOutcome>& answers) {
  std::vector<store::RefusedCommand> refusals;
  for (const auto& answer : answers) {
    if (answer.decision != core::Decision::refuse) continue;
    refusals.push_back({answer.asked, answer.reason, answer.detail, answer.systemuserid});
  }
  store::keep_refused(session, command, requested_by, refusals);
}

}  // namespace

UserOperations::UserOperations(const config::Configuration& configuration, const config::Environment& environment,
                               std::string requested_by, std::stop_token stop, Rights rights)
    : configuration_(configuration),
      environment_(environment),
      requested_by_(std::move(requested_by)),
      stop_(std::move(stop)),
      source_(source::open_directory(configuration)),
      mirror_(store::open_mirror(configuration, {.stop = stop_})),
      session_(store::open_environment(configuration, environment,
                                       {.stop = stop_, .beside_runs = true, .as_owner = rights == Rights::owner})),
      on_demand_(configuration, environment, *mirror_, *session_) {
  store::require_ready(*session_, environment_, store::Use::writing);
}

void UserOperations::bring_in_line(const std::vector<source::UserReference>& users, bool all_fields,
                                   const std::string& command, const OnOutcome& on_answer) {
  const bool asks = can_be_asked(configuration_.directory);
  const std::size_t most = asks ? look_ups_a_transaction : users_a_transaction;
  Asking asking{.requested_by = requested_by_,
                .run_id = store::next_run_id(*mirror_, store::last_run_id(*session_)),
                .all_fields = all_fields};
  for (std::size_t begin = 0; begin < users.size(); begin += most, ++asking.batch_no) {
    if (stop_.stop_requested()) throw Interrupted();
    const std::vector<source::UserReference> some(
        users.begin() + static_cast<std::ptrdiff_t>(begin),
        users.begin() + static_cast<std::ptrdiff_t>(std::min(begin + most, users.size())));
    std::vector<Resolved> resolved;
    if (asks) {
      for (const auto& user : some) resolved.push_back(resolve(user));
    } else {
      resolved = resolve_users(*mirror_, on_demand_.renew(), some);
    }
    std::vector<RequestOutcome> answers;
    transact([&] {
      on_demand_.renew();
      answers = on_demand_.answer(resolved, asking);
    });
    keep_refusals(*session_, command, requested_by_, answers);
    for (const auto& answer : answers) {
      const auto placeholder = means_nobody(answer) ? placeholder_named(*session_, answer.asked) : std::nullopt;
      on_answer(placeholder.value_or(answer));
    }
  }
}

RequestOutcome UserOperations::logged(const std::string& command, RequestOutcome answer) {
  keep_refusals(*session_, command, requested_by_, {answer});
  return answer;
}

// Locks the row and looks at it again: rows that gate 0 ignores are refused, but for those it ignores as `kind`.
RequestOutcome UserOperations::on_row(
    const std::string& word, const store::RowReference& row, std::optional<core::Reason> kind,
    const std::function<void(const core::SystemUser& locked, RequestOutcome& answer)>& work) {
  RequestOutcome answer;
  transact([&] {
    const auto locked = store::read_row(*session_, row.systemuserid, store::Lock::yes);
    if (!locked) throw UsageError("the row " + word + " is gone");
    answer = answer_about(*locked, word);
    const auto exclusion = core::row_type_exclusion(*locked);
    if (exclusion == kind) return work(*locked, answer);
    answer = kind == core::Reason::stub_user
                 ? refused(answer, refusal::not_a_stub,
                           "only a row that nobody of the directory stands behind can be linked")
                 : refused(answer, std::string(core::code_of(exclusion.value_or(core::Reason::application_user))));
  });
  return answer;
}

RequestOutcome UserOperations::enable(const std::string& word) {
  const auto row = row_named(word);
  if (is_application(row)) {
    const auto by = act();
    return logged("user enable", on_row(word, row, core::Reason::application_user,
                                        [&](const core::SystemUser& locked, RequestOutcome& answer) {
                                          const bool changed = store::enable_application(*session_, by, locked);
                                          answer.decision = changed ? core::Decision::enable : core::Decision::keep;
                                          answer.access = true;
                                          answer.reason = core::code_of(core::Reason::application_user);
                                          if (changed) answer.run_id = by.run_id;
                                        }));
  }
  const auto resolved = row.object_id ? resolve({row.object_id, word}) : Resolved{};
  return logged("user enable", on_row(word, row, std::nullopt, [&](const core::SystemUser&, RequestOutcome& answer) {
                  on_demand_.renew();
                  answer = on_demand_.answer({resolved}, {.requested_by = requested_by_, .by_hand = true}).front();
                  answer.asked = word;
                }));
}

RequestOutcome UserOperations::disable(const std::string& word, const Confirm& confirm) {
  const auto row = row_named(word);
  const bool application = is_application(row);
  if (application && !confirm(row.domainname +
                              " is an application user: whatever signs in as this application, integrations and "
                              "flows, stops working in environment " +
                              environment_.rules.name)) {
    throw UsageError("nothing was changed");
  }
  const auto by = act();
  const auto kind = application ? std::optional(core::Reason::application_user) : std::nullopt;
  return logged("user disable", on_row(word, row, kind, [&](const core::SystemUser& locked, RequestOutcome& answer) {
                  const bool changed = store::disable_by_hand(*session_, by, locked);
                  answer.decision = !changed            ? core::Decision::keep
                                    : locked.isdisabled ? core::Decision::update
                                                        : core::Decision::disable;
                  answer.access = false;
                  answer.reason = core::code_of(core::Reason::manually_disabled);
                  if (changed) answer.run_id = by.run_id;
                }));
}

RequestOutcome UserOperations::mark_invited(const std::string& word) {
  const auto row = row_named(word);
  const auto by = act();
  return logged("user invited",
                on_row(word, row, std::nullopt, [&](const core::SystemUser& locked, RequestOutcome& answer) {
                  const bool changed = store::mark_invited(*session_, by, locked);
                  answer.decision = changed ? core::Decision::update : core::Decision::keep;
                  answer.reason = core::code_of(core::Reason::invitation_sent);
                  if (changed) answer.run_id = by.run_id;
                }));
}

bool UserOperations::is_application(const store::RowReference& row) {
  const auto found = store::read_row(*session_, row.systemuserid, store::Lock::no);
  return found && found->applicationid.has_value();
}

RequestOutcome UserOperations::set_access_mode(const std::string& word, core::AccessMode mode) {
  const auto row = row_named(word);
  const auto by = act();
  return logged("user set-access-mode",
                on_row(word, row, std::nullopt, [&](const core::SystemUser& locked, RequestOutcome& answer) {
                  const bool limited = mode == core::AccessMode::non_interactive;
                  if (limited && locked.accessmode != static_cast<std::int16_t>(mode)) {
                    const auto others = store::count_other_non_interactive(*session_, row.systemuserid);
                    if (others >= most_non_interactive) {
                      answer = refused(
                          answer, refusal::too_many_non_interactive,
                          std::to_string(others) +
                              " users are non-interactive already, and Dataverse allows seven: give one of them "
                              "another access mode first");
                      return;
                    }
                  }
                  const bool changed = store::set_access_mode(*session_, by, locked, mode);
                  answer.decision = changed ? core::Decision::update : core::Decision::keep;
                  answer.reason = core::code_of(core::Reason::access_mode_set);
                  if (changed) answer.run_id = by.run_id;
                  if (locked.azureactivedirectoryobjectid) {
                    follow_rules({word, locked.azureactivedirectoryobjectid, "", ""}, answer);
                  }
                }));
}

// An access mode exempts from a licence, or no longer does: what the next run would make of the row is
// done at once, and said.
void UserOperations::follow_rules(const Resolved& user, RequestOutcome& answer) {
  on_demand_.renew();
  const auto by_rules =
      on_demand_.answer({user}, {.trigger = core::Trigger::background, .requested_by = requested_by_}).front();
  const bool changed = by_rules.decision == core::Decision::disable || by_rules.decision == core::Decision::enable;
  answer.access = by_rules.access;
  answer.held = by_rules.held;
  answer.missing = by_rules.missing;
  answer.detail = by_rules.detail;
  if (by_rules.access && !changed) return;
  if (changed) answer.decision = by_rules.decision;
  answer.detail = "the access mode is set" + (by_rules.detail.empty() ? "" : "; " + by_rules.detail);
  answer.reason = by_rules.reason;
}

RequestOutcome UserOperations::link_stub(const std::string& stub, const source::UserReference& user,
                                         IfRefused if_refused) {
  const auto row = row_named(stub);
  const auto resolved = resolve(user);
  if (!resolved.object_id) return logged("user link-stub", refusal_of(resolved));
  const auto by = act();
  return logged(
      "user link-stub",
      on_row(stub, row, core::Reason::stub_user, [&](const core::SystemUser& locked, RequestOutcome& answer) {
        on_demand_.renew();
        if (!on_demand_.is_living(*resolved.object_id)) {
          answer = refused(answer, refusal::not_in_directory, "the directory has no living user of this object id");
          return;
        }
        store::Savepoint link(*session_);
        if (!store::link_stub(*session_, by, locked, *resolved.object_id)) {
          answer = refused(answer, refusal::already_has_a_row,
                           "the user has a row in this environment already: `dvsync user reassign " +
                               core::to_string(locked.systemuserid) + " " + core::to_string(*resolved.object_id) +
                               "` moves the placeholder's records to it");
          return;
        }
        answer = on_demand_.answer({resolved}, {.requested_by = requested_by_, .run_id = by.run_id}).front();
        answer.asked = stub;
        if (!answer.access && if_refused == IfRefused::do_nothing) {
          answer = refused(answer, answer.reason,
                           "not linked" + (answer.detail.empty() ? "" : ": " + answer.detail) +
                               "; `--even-if-refused` links a user whom the rules keep out");
          answer.systemuserid = locked.systemuserid;
          answer.run_id.reset();
          return;  // and back to where the row was a placeholder
        }
        link.release();
        answer.run_id = by.run_id;
        if (answer.access) return;
        // The link is there; who may not enter with it is another question.
        answer.decision = core::Decision::update;
        answer.detail = "linked, but the user may not enter: " + answer.reason +
                        (answer.detail.empty() ? "" : ": " + answer.detail);
        answer.reason = core::code_of(core::Reason::stub_linked);
      }));
}

RequestOutcome UserOperations::add_application(const NewApplication& application) {
  auto environment = environment_;
  if (application.business_unit) environment.business_unit = application.business_unit;
  const auto unit = store::business_unit_of(*session_, environment);
  const auto by = act();
  RequestOutcome answer;
  transact([&] {
    const auto made = store::add_application(*session_, by,
                                             {.application_id = application.application_id,
                                              .object_id = application.object_id,
                                              .name = application.name,
                                              .email = application.email,
                                              .business_unit = unit},
                                             environment_.create_values);
    answer.asked = core::to_string(application.application_id);
    answer.object_id = application.object_id;
    answer.user_name = application.name;
    if (!made) {
      answer = refused(answer, refusal::already_has_a_row, "this application, or its object id, has a row already");
      return;
    }
    if (!application.roles.empty()) give_roles(*made, application.roles, unit);
    answer.decision = core::Decision::create;
    answer.access = true;
    answer.reason = core::code_of(core::Reason::application_user);
    answer.systemuserid = made;
    answer.run_id = by.run_id;
  });
  return logged("user add-application", std::move(answer));
}

void UserOperations::give_roles(const core::Guid& systemuserid, const std::vector<std::string>& names,
                                const std::optional<core::Guid>& business_unit) {
  const store::SecurityRoles roles(*session_, names, business_unit);
  const auto missing = core::names_of({.names = names}, ~roles.catalog().available);
  if (!missing.empty()) throw UsageError("the business unit has no security role " + missing.front());
  core::Change change;
  change.after.systemuserid = systemuserid;
  change.after.roles.held = roles.catalog().available;
  roles.write(*session_, {&change});
}

std::vector<source::UserReference> UserOperations::members_of(const std::string& group) {
  return sync::members_of(group, *mirror_, *source_, stop_);
}

Resolved UserOperations::resolve(const source::UserReference& user) {
  if (can_be_asked(configuration_.directory)) {
    return ask_directory(configuration_, *source_, *mirror_, user, stop_);
  }
  return resolve_users(*mirror_, on_demand_.renew(), {user}).front();
}

store::RowReference UserOperations::row_named(const std::string& word) {
  return sync::row_named(configuration_, environment_, *session_, word);
}

store::Act UserOperations::act() {
  return {.run_id = store::next_run_id(*mirror_, store::last_run_id(*session_)),
          .requested_by = requested_by_,
          .actor = environment_.actor};
}

void UserOperations::transact(const std::function<void()>& work) {
  const auto until = std::chrono::steady_clock::now() + patience;
  for (;;) {
    try {
      store::Transaction transaction(*session_);
      work();
      transaction.commit();
      return;
    } catch (const GuardBusy&) {
      if (std::chrono::steady_clock::now() > until) {
        throw StoreError(StoreError::Kind::unavailable,
                         "a run has been counting for the guard for a minute; try again");
      }
    } catch (const store::ContentionError&) {
      if (std::chrono::steady_clock::now() > until) throw;
    }
    if (!sleep_for(between_attempts, stop_)) throw Interrupted();
  }
}

}  // namespace dvsync::sync
