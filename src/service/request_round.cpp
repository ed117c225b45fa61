#include "request_round.hpp"

#include <map>

namespace dvsync::service {
namespace {

bool is_blank(const core::Text& text) { return !text || core::is_blank(*text); }

bool names_nobody_yet(const sync::Resolved& resolved) { return resolved.reason.empty() && !resolved.object_id; }

}  // namespace

bool is_fresh(const sync::OnDemand& on_demand, const config::Configuration& configuration) {
  const auto age = on_demand.age();
  return age && *age <= configuration.schedule.fresh_within.value_or(2 * configuration.schedule.every);
}

store::RequestAnswer answer_of(std::int64_t request_id, const sync::RequestOutcome& outcome) {
  return {.request_id = request_id,
          .decision = std::string(core::name_of(outcome.decision)),
          .access = outcome.access,
          .reason = outcome.reason,
          .systemuserid = outcome.systemuserid,
          .detail = outcome.detail,
          .run_id = outcome.run_id};
}

std::vector<store::RequestAnswer> stale_answers(const std::vector<store::OpenRequest>& requests,
                                                const std::string& detail) {
  std::vector<store::RequestAnswer> answers;
  const auto refusal = sync::refusal_of({"", std::nullopt, sync::refusal::stale_directory, detail});
  for (const auto& request : requests) answers.push_back(answer_of(request.request_id, refusal));
  return answers;
}

RequestRound::Told RequestRound::answer(const std::vector<store::OpenRequest>& requests) {
  Told told;
  const bool can_ask = sync::can_be_asked(terms_.configuration.directory);
  const bool first_access = requests.front().trigger == core::Trigger::first_access;
  if (!can_ask && first_access && !is_fresh(terms_.on_demand, terms_.configuration)) {
    told.answers =
        stale_answers(requests, "the mirror is older than schedule.fresh_within, and this directory cannot be asked");
    return told;
  }
  std::vector<sync::Resolved> resolved;
  for (const auto& request : requests) resolved.push_back(resolve(request));
  // What the directory just said is in the mirror: a licence that nobody had before is known only to a fresh view.
  if (terms_.asks_directory) terms_.on_demand.renew();
  find_by_name(requests, resolved);
  answer_askers(requests, resolved, told);
  return told;
}

// Neither object id nor reason: by name, by the mirror.
sync::Resolved RequestRound::resolve(const store::OpenRequest& request) {
  sync::Resolved resolved{.asked = {}, .object_id = std::nullopt, .reason = {}, .detail = {}};
  if (!is_blank(request.object_id)) {
    resolved.object_id = core::parse_guid(*request.object_id);
    if (!resolved.object_id) {
      resolved.reason = sync::refusal::malformed_request;
      resolved.detail = "object_id is no GUID";
      return resolved;
    }
  } else if (is_blank(request.user_name)) {
    resolved.reason = sync::refusal::malformed_request;
    resolved.detail = "neither user_name nor object_id says who is meant";
    return resolved;
  }
  if (!terms_.asks_directory) return resolved;
  const source::UserReference user{resolved.object_id, request.user_name.value_or("")};
  if (request.trigger == core::Trigger::on_demand) {
    return sync::ask_directory(terms_.configuration, terms_.source, terms_.mirror, user, terms_.stop);
  }
  auto told =
      terms_.questions.ask(user, terms_.stop, [&](const std::stop_token& in_time) { return ask(user, in_time); });
  // A fresh mirror's refusal stands where the directory gives no answer. Its admission stands as well, unless everybody
  // is to be asked about.
  if (told.reason != sync::refusal::stale_directory || !is_fresh(terms_.on_demand, terms_.configuration)) return told;
  if (terms_.configuration.requests.first_access == config::FirstAccess::ask_always) silence_ = told.detail;
  return resolved;
}

sync::Resolved RequestRound::ask(const source::UserReference& user, const std::stop_token& stop) {
  try {
    return sync::ask_directory(terms_.configuration, terms_.source, terms_.mirror, user, stop);
  } catch (const Interrupted&) {
    return {user.user_name, std::nullopt, sync::refusal::stale_directory, "the directory did not answer in time", true};
  }
}

// Those whom the mirror is asked about, all at once.
void RequestRound::find_by_name(const std::vector<store::OpenRequest>& requests,
                                std::vector<sync::Resolved>& resolved) {
  std::vector<source::UserReference> users;
  for (std::size_t i = 0; i < requests.size(); ++i) {
    if (names_nobody_yet(resolved[i])) users.push_back({std::nullopt, *requests[i].user_name});
  }
  auto found = sync::resolve_users(terms_.mirror, terms_.on_demand.state(), users);
  auto next = found.begin();
  for (auto& one : resolved) {
    if (names_nobody_yet(one)) one = std::move(*next++);
  }
}

// What is written is logged under who asked for it.
void RequestRound::answer_askers(const std::vector<store::OpenRequest>& requests,
                                 const std::vector<sync::Resolved>& resolved, Told& told) {
  std::map<std::string, std::vector<std::size_t>> by_asker;
  for (std::size_t i = 0; i < requests.size(); ++i) by_asker[requests[i].requested_by].push_back(i);
  const auto trigger = requests.front().trigger;
  const bool defers = !terms_.asks_directory && trigger == core::Trigger::first_access &&
                      sync::can_be_asked(terms_.configuration.directory);
  for (const auto& [asker, indexes] : by_asker) {
    std::vector<sync::Resolved> asked;
    for (const auto i : indexes) asked.push_back(resolved[i]);
    const auto outcomes = terms_.on_demand.answer(
        asked,
        {.trigger = trigger, .requested_by = asker, .impatient = true, .defer_refusals = defers, .silence = silence_});
    for (std::size_t i = 0; i < indexes.size(); ++i) {
      const auto& outcome = outcomes[i];
      const auto request = requests[indexes[i]].request_id;
      const bool written = outcome.run_id || outcome.held;
      if (defers && outcome.asks_directory && !written) {
        told.handed_over.push_back(request);
        continue;
      }
      told.wrote = told.wrote || written;
      told.answers.push_back(answer_of(request, outcome));
    }
  }
}

}  // namespace dvsync::service
