#include "hold_answers.hpp"

#include <set>

#include "dvsync/store/open.hpp"
#include "dvsync/store/run_log.hpp"
#include "dvsync/sync/in_words.hpp"

namespace dvsync::sync {
namespace {

// The words as users of whom this environment holds something. Those that mean somebody are taken off `unknown`.
std::vector<core::Guid> users_here(store::Connection& session, const HoldAnswer& answer,
                                   std::set<std::string>& unknown) {
  std::vector<core::Guid> users;
  for (const auto& word : answer.users) {
    const auto found = store::held_users(session, answer.run_id, word);
    if (found.size() > 1) {
      throw UsageError(printable(word) + " is the user name of several users; name one by object id");
    }
    if (found.empty()) continue;
    unknown.erase(word);
    users.push_back(found.front());
  }
  return users;
}

}  // namespace

std::vector<PlaceToAnswer> places_to_answer(store::EnvironmentSessions& sessions,
                                            const std::vector<const config::Environment*>& environments,
                                            const HoldAnswer& answer, const std::string& by,
                                            const std::function<void(const config::Environment&)>& on_failure) {
  std::vector<PlaceToAnswer> places;
  std::set<std::string> unknown(answer.users.begin(), answer.users.end());
  for (const auto* environment : environments) {
    if (environment->rules.type == core::EnvironmentType::none) continue;
    try {
      auto users = users_here(sessions.at(*environment), answer, unknown);
      if (!answer.users.empty() && users.empty()) continue;  // they are of another environment
      places.push_back({environment, {answer.run_id, by, answer.comment, std::move(users)}});
    } catch (const StoreError&) {
      on_failure(*environment);
    }
  }
  if (!unknown.empty()) {
    const auto run = std::to_string(answer.run_id);
    throw UsageError("run " + run + " holds nothing of " + printable(*unknown.begin()) + "; `dvsync log --run " + run +
                     "` lists whom it held");
  }
  return places;
}

void refuse_answer(std::int64_t run_id) {
  throw UsageError("run " + std::to_string(run_id) + " holds nothing back; `dvsync status` shows what is held");
}

RejectedHolds reject(const config::Configuration& configuration, const HoldAnswer& answer, const RunRequest& request,
                     std::stop_token stop) {
  const auto mirror = store::open_mirror(configuration, {.stop = stop});
  const auto rethrow = [](const config::Environment&) { throw; };
  store::OutOfReach out_of_reach(configuration);
  store::EnvironmentSessions sessions(configuration, {.stop = stop}, out_of_reach);
  const auto places =
      places_to_answer(sessions, chosen(configuration, request.environments), answer, request.requested_by, rethrow);
  std::int64_t last_run = 0;
  for (const auto& place : places) {
    last_run = std::max(last_run, store::last_run_id(sessions.at(*place.environment)));
  }
  RejectedHolds rejected{.logged_as = store::next_run_id(*mirror, last_run)};
  for (const auto& place : places) {
    const auto decisions = store::decline(sessions.at(*place.environment), place.answer, rejected.logged_as);
    if (decisions > 0) rejected.decisions.emplace_back(place.environment->rules.name, decisions);
  }
  if (rejected.decisions.empty()) refuse_answer(answer.run_id);
  return rejected;
}

}  // namespace dvsync::sync
