// What the API tells. Objects and lists are those of the commands' --json.

#include <algorithm>
#include <functional>
#include <set>

#include "api.hpp"
#include "dvsync/service/status_report.hpp"
#include "dvsync/store/environment_sessions.hpp"
#include "dvsync/store/log_json.hpp"
#include "dvsync/store/newest.hpp"
#include "dvsync/sync/gate_facts.hpp"
#include "dvsync/sync/person_facts.hpp"
#include "dvsync/sync/sync_json.hpp"
#include "openapi.hpp"

namespace dvsync::console {
namespace {

namespace json = boost::json;

constexpr std::int64_t most_holds = 10'000;  // of one run

json::object error_at(const config::Environment& environment, const std::exception& error) {
  return {{"environment", environment.rules.name}, {"error", words_of(error)}};
}

using LogWork = std::function<void(store::LogReader& log, store::Connection& session)>;

// The log of each environment. Returns those that could not be read, and why.
json::array each_log(const Call& call, const LogWork& work) {
  json::array errors;
  const auto& configuration = *call.configuration;
  store::OutOfReach out_of_reach(configuration);
  store::EnvironmentSessions sessions(configuration, {.stop = call.stop}, out_of_reach);
  for (const auto* environment : sync::chosen(configuration, call.environments())) {
    if (environment->rules.type == core::EnvironmentType::none) continue;
    try {
      auto& session = sessions.at(*environment);
      store::LogReader log(session, environment->rules.name);
      work(log, session);
    } catch (const StoreError& error) {
      errors.push_back(error_at(*environment, error));
    }
  }
  return errors;
}

template <class Entries>
json::object listed(const char* name, const Entries& entries, bool more, json::array errors) {
  json::array all;
  for (const auto& entry : entries) all.push_back(store::json_of(entry));
  return {{name, std::move(all)}, {"more", more}, {"errors", std::move(errors)}};
}

json::object with_holds(store::LogReader& log, const store::LoggedRun& run) {
  auto object = store::json_of(run);
  json::array holds;
  for (const auto& hold : log.holds_of(run.run_id, most_holds)) holds.push_back(store::json_of(hold));
  object["holds"] = std::move(holds);
  return object;
}

json::object runs_in(const Call& call) {
  const store::LogFilter filter{
      .by = call.request.parameter("by"), .outcome = call.request.parameter("outcome"), .limit = call.limit()};
  std::vector<store::LoggedRun> found;
  auto errors = each_log(call, [&](store::LogReader& log, store::Connection&) {
    for (auto& run : log.runs(filter)) found.push_back(std::move(run));
  });
  const bool more = store::keep_newest_runs(
      found, filter.limit, [](const auto& run) -> const auto& { return run; });
  return listed("runs", found, more, std::move(errors));
}

std::vector<std::string> one_or_none(const std::string& word) {
  return word.empty() ? std::vector<std::string>{} : std::vector{word};
}

sync::Person person_in(const Call& call, const std::string& word, sync::SpareSessions* spare = nullptr) {
  const auto chosen = sync::chosen(*call.configuration, call.environments());
  return sync::the_one_of(word, sync::find_people(*call.configuration, chosen, word, spare));
}

// Nobody, or several: who may be meant.
Answer who_is_meant(const std::string& word, const sync::WhoIsMeant& unclear) {
  auto object = sync::json_of(word, unclear.candidates(), unclear.more());
  const bool nobody = unclear.candidates().empty();
  object["error"] = json::object{{"code", nobody ? "not_found" : "ambiguous"}, {"message", unclear.what()}};
  return json_answer(object, nobody ? 404 : 409);
}

core::Trigger trigger_of(const std::string& word) {
  if (word.empty()) return core::Trigger::background;
  for (const auto trigger : {core::Trigger::background, core::Trigger::on_demand, core::Trigger::first_access}) {
    if (word == core::name_of(trigger)) return trigger;
  }
  throw sync::UsageError("`trigger` must be background, on_demand or first_access");
}

std::string required(const Call& call, const char* name) {
  auto value = call.request.parameter(name);
  if (value.empty()) throw sync::UsageError("the parameter `" + std::string(name) + "` is needed");
  return value;
}

}  // namespace

Answer Api::session(const Call& call) {
  return json_answer(
      {{"name", call.caller.name}, {"role", name_of(call.caller.role)}, {"token", access_.forgery_token(call.caller)}});
}

Answer Api::recent(const Call& call, const std::function<json::object()>& read) {
  json::array question;
  for (const auto& segment : call.request.path) question.emplace_back(segment);
  for (const auto& [name, value] : call.request.query) question.push_back(json::array{name, value});
  const AnswerBasis basis{.configuration = call.configuration, .acts = operations_.ended()};
  return {.body = recent_.text(basis, json::serialize(question), [&read] { return json::serialize(read()) + "\n"; })};
}

Answer Api::status(const Call& call) {
  return recent(call, [&] { return service::json_of(service::read_report(*call.configuration, call.stop)); });
}

Answer Api::runs(const Call& call) {
  return recent(call, [&] { return runs_in(call); });
}

Answer Api::run(const Call& call) {
  const auto run_id = call.run_id();
  json::array found;
  auto errors = each_log(call, [&](store::LogReader& log, store::Connection&) {
    for (const auto& run : log.runs({.run_id = run_id})) found.push_back(with_holds(log, run));
  });
  if (found.empty() && errors.empty()) {
    return refusal(404, "not_found", "the log has no run " + std::to_string(run_id));
  }
  return json_answer({{"runs", std::move(found)}, {"errors", std::move(errors)}});
}

Answer Api::run_changes(const Call& call) {
  static_cast<void>(call.run_id());
  return changes(call);
}

// Of one run, of one user, or of all.
Answer Api::changes(const Call& call) try {
  store::LogFilter filter{.actions = one_or_none(call.request.parameter("action")),
                          .reasons = one_or_none(call.request.parameter("reason")),
                          .limit = call.limit()};
  if (!call.id.empty()) filter.run_id = call.run_id();
  if (const auto word = call.request.parameter("user"); !word.empty()) {
    filter.user = sync::logged_user_of(person_in(call, word), word);
  }
  std::vector<store::LoggedChange> found;
  auto errors = each_log(call, [&](store::LogReader& log, store::Connection&) {
    for (auto& change : log.newest_changes(filter)) found.push_back(std::move(change));
  });
  const bool more = store::keep_newest(found, filter.limit, [](const auto& change) { return change.at; });
  return json_answer(listed("changes", found, more, std::move(errors)));
} catch (const sync::WhoIsMeant& unclear) {
  return who_is_meant(call.request.parameter("user"), unclear);
}

Answer Api::held(const Call& call) {
  json::array found;
  auto errors = each_log(call, [&](store::LogReader& log, store::Connection& session) {
    std::set<std::int64_t> run_ids;
    for (const auto& held : store::read_held(session)) run_ids.insert(held.run_id);
    for (const auto run_id : run_ids) {
      for (const auto& run : log.runs({.run_id = run_id})) found.push_back(with_holds(log, run));
    }
  });
  return json_answer({{"runs", std::move(found)}, {"errors", std::move(errors)}});
}

Answer Api::rejected(const Call& call) {
  const auto limit = static_cast<std::size_t>(call.limit());
  std::vector<store::LoggedRejection> found;
  bool more = false;
  auto errors = each_log(call, [&](store::LogReader& log, store::Connection&) {
    log.rejections({}, [&](const store::LoggedRejection& rejection) {
      more = found.size() >= limit;
      if (!more) found.push_back(rejection);
      return !more;
    });
  });
  return json_answer(listed("rejected", found, more, std::move(errors)));
}

Answer Api::people(const Call& call) {
  const auto word = required(call, "q");
  const auto found =
      sync::find_people(*call.configuration, sync::chosen(*call.configuration, call.environments()), word);
  return json_answer(sync::json_of(word, found.people, found.more));
}

Answer Api::explain(const Call& call) {
  const auto word = required(call, "user");
  const auto trigger = trigger_of(call.request.parameter("trigger"));
  const auto& configuration = *call.configuration;
  try {
    sync::SpareSessions sessions;
    const auto object_id = sync::object_id_of(person_in(call, word, &sessions));
    std::string name;
    json::array explained;
    json::array errors;
    for (const auto* environment : sync::chosen(configuration, call.environments())) {
      if (environment->rules.type == core::EnvironmentType::none) {
        explained.push_back(sync::json_without_database(environment->rules.name));
        continue;
      }
      try {
        const auto explanation = sync::explain(configuration, *environment, object_id, trigger, sessions);
        if (name.empty()) name = sync::name_of(explanation);
        explained.push_back(sync::json_of(explanation, trigger, configuration.licenses));
      } catch (const StoreError& error) {
        errors.push_back(error_at(*environment, error));
      }
    }
    auto object = sync::json_of(object_id, name, std::move(explained));
    object["errors"] = std::move(errors);
    return json_answer(object);
  } catch (const sync::WhoIsMeant& unclear) {
    return who_is_meant(word, unclear);
  }
}

Answer Api::operation(const Call& call) {
  const auto found = operations_.find(call.run_id());
  return found ? json_answer(*found) : refusal(404, "not_found", "no such operation was asked for since the start");
}

Answer Api::description(const Call&) { return {.body = std::string(openapi)}; }

}  // namespace dvsync::console
