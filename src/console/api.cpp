#include "api.hpp"

#include <algorithm>
#include <charconv>
#include <limits>
#include <span>

#include "dvsync/error.hpp"
#include "dvsync/sync/engine.hpp"
#include "dvsync/sync/in_words.hpp"

namespace dvsync::console {
namespace {

constexpr std::string_view id_of_path = "{id}";
constexpr std::int64_t usual_limit = 200;
constexpr std::int64_t most = 1000;

std::int64_t number_in(const std::string& text, const std::string& name, std::int64_t greatest) {
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size() || number < 1 || number > greatest) {
    throw sync::UsageError("`" + name + "` must be a whole number from 1 to " + std::to_string(greatest));
  }
  return number;
}

}  // namespace

struct Api::Route {
  const char* method;
  std::vector<std::string_view> path;  // behind api/v1
  std::vector<std::string_view> parameters;
  Answer (Api::*answer)(const Call&);
};

const std::vector<Api::Route>& Api::routes() {
  static const std::vector<Route> all{
      {"GET", {"session"}, {}, &Api::session},
      {"GET", {"status"}, {}, &Api::status},
      {"GET", {"runs"}, {"environment", "limit", "outcome", "by"}, &Api::runs},
      {"GET", {"runs", id_of_path}, {"environment"}, &Api::run},
      {"GET", {"runs", id_of_path, "changes"}, {"environment", "limit", "action", "reason"}, &Api::run_changes},
      {"GET", {"held"}, {"environment"}, &Api::held},
      {"GET", {"rejected"}, {"environment", "limit"}, &Api::rejected},
      {"GET", {"changes"}, {"environment", "limit", "user", "action", "reason"}, &Api::changes},
      {"GET", {"people"}, {"environment", "q"}, &Api::people},
      {"GET", {"explain"}, {"environment", "user", "trigger"}, &Api::explain},
      {"GET", {"operations", id_of_path}, {}, &Api::operation},
      {"GET", {"openapi.json"}, {}, &Api::description},
      {"POST", {"sync"}, {}, &Api::sync_now},
      {"POST", {"runs", id_of_path, "approve"}, {}, &Api::approve},
      {"POST", {"runs", id_of_path, "reject"}, {}, &Api::reject},
      {"POST", {"users"}, {}, &Api::act_on_user},
  };
  return all;
}

std::vector<std::string> Call::environments() const {
  const auto name = request.parameter("environment");
  return name.empty() ? std::vector<std::string>{} : std::vector{name};
}

std::int64_t Call::limit() const {
  const auto text = request.parameter("limit");
  return text.empty() ? usual_limit : number_in(text, "limit", most);
}

std::int64_t Call::run_id() const { return number_in(id, "run", std::numeric_limits<std::int64_t>::max()); }

Answer json_answer(const boost::json::object& object, unsigned status) {
  return {.status = status, .body = boost::json::serialize(object) + "\n"};
}

Answer Api::answer(const Request& request, const service::SharedConfiguration& configuration,
                   const std::stop_token& stop) {
  const std::span<const std::string> path(request.path.begin() + 2, request.path.end());
  const auto leads_to = [&](const Route& route) {
    return std::ranges::equal(path, route.path, [](const std::string& given, std::string_view wanted) {
      return given == wanted || (wanted == id_of_path && !given.empty());
    });
  };
  // Whoever may not look is told no more than that.
  auto caller = access_.caller_of(request, *configuration->console);
  if (auto* refused = std::get_if<Answer>(&caller)) return std::move(*refused);
  std::string allowed;
  for (const auto& route : routes()) {
    if (!leads_to(route)) continue;
    const bool reads = std::string_view(route.method) == "GET";
    if (reads ? request.reads() : request.method == route.method) {
      const auto id = std::ranges::find(route.path, id_of_path);
      const auto place = static_cast<std::size_t>(id - route.path.begin());
      return ask(route, {.request = request,
                         .caller = std::get<Caller>(caller),
                         .configuration = configuration,
                         .id = id == route.path.end() ? "" : path[place],
                         .stop = stop});
    }
    allowed += (allowed.empty() ? "" : ", ") + std::string(route.method);
  }
  return allowed.empty() ? nothing_here() : method_not_allowed(allowed);
}

Answer Api::ask(const Route& route, const Call& call) {
  for (const auto& [name, value] : call.request.query) {
    if (std::ranges::find(route.parameters, name) == route.parameters.end()) {
      return refusal(400, "usage", "there is no parameter `" + sync::printable(name) + "` here");
    }
  }
  if (!call.request.reads()) {
    if (auto objection = access_.objection_to(call.request, call.caller)) return *std::move(objection);
  }
  try {
    return (this->*route.answer)(call);
  } catch (const Interrupted&) {
    throw;
  } catch (const std::exception& error) {
    const auto failure = failure_of(error);
    if (!failure) throw;
    return refusal(failure->status, failure->code, failure->message);
  }
}

}  // namespace dvsync::console
