// What operators ask for: the same functions as the commands.

#include <unistd.h>

#include <algorithm>
#include <array>
#include <csignal>

#include "api.hpp"
#include "dvsync/service/run_reporter.hpp"
#include "dvsync/sync/in_words.hpp"
#include "dvsync/sync/sync_json.hpp"
#include "dvsync/sync/user_operations.hpp"

namespace dvsync::console {
namespace {

namespace json = boost::json;

constexpr std::size_t longest_text = 1000;

// An object with known keys and nothing else. Throws UsageError.
class Body {
 public:
  explicit Body(const std::string& text) {
    boost::system::error_code error;
    auto parsed = json::parse(text.empty() ? "{}" : text, error);
    if (error || !parsed.is_object()) throw sync::UsageError("the body must be a JSON object");
    object_ = std::move(parsed).as_object();
  }
  // Empty where it is left out.
  std::string text(const char* key) {
    const auto value = take(key);
    if (value.is_null()) return "";
    return text_in(value, key);
  }
  std::string needed(const char* key) {
    auto value = text(key);
    if (value.empty()) throw sync::UsageError("`" + std::string(key) + "` is needed");
    return value;
  }
  std::vector<std::string> texts(const char* key) {
    const auto value = take(key);
    std::vector<std::string> all;
    if (value.is_null()) return all;
    if (!value.is_array()) throw sync::UsageError("`" + std::string(key) + "` must be a list of texts");
    for (const auto& one : value.get_array()) all.push_back(text_in(one, key));
    return all;
  }
  bool flag(const char* key) {
    const auto value = take(key);
    if (!value.is_null() && !value.is_bool()) {
      throw sync::UsageError("`" + std::string(key) + "` must be true or false");
    }
    return value.is_bool() && value.get_bool();
  }
  void close() const {
    if (!object_.empty()) {
      throw sync::UsageError("there is no `" + sync::printable(std::string(object_.begin()->key())) + "` here");
    }
  }

 private:
  json::value take(const char* key) {
    auto* found = object_.if_contains(key);
    if (found == nullptr) return nullptr;
    auto value = std::move(*found);
    object_.erase(key);
    return value;
  }
  static std::string text_in(const json::value& value, const char* key) {
    const auto* text = value.if_string();
    const bool usable = text != nullptr && !text->empty() && text->size() <= longest_text &&
                        std::ranges::none_of(*text, [](unsigned char c) { return c < 0x20 || c == 0x7F; });
    if (!usable) {
      throw sync::UsageError("`" + std::string(key) + "` must be a text of one line, of at most 1000 bytes");
    }
    return std::string(*text);
  }

  json::object object_;
};

std::string in_words(const sync::HoldAnswer& answer, const char* verb) {
  auto words = std::string(verb) + " run " + std::to_string(answer.run_id);
  if (!answer.users.empty()) {
    words += " for " + sync::count_of(static_cast<std::int64_t>(answer.users.size()), "user", "users");
  }
  return answer.comment.empty() ? words : words + ": " + sync::printable(answer.comment);
}

struct HoldOrder {
  sync::HoldAnswer answer;
  sync::RunRequest request;
};
HoldOrder hold_order(const Call& call) {
  Body body(call.request.body);
  HoldOrder order{
      .answer = {.run_id = call.run_id(), .users = body.texts("users"), .comment = body.text("comment")},
      .request = {
          .environments = body.texts("environments"), .command = "dvsync approve", .requested_by = call.caller.name}};
  body.close();
  static_cast<void>(sync::chosen(*call.configuration, order.request.environments));  // known, or refused at once
  return order;
}

using OnUsers = sync::UserOperations;
struct UserAct {
  std::string_view name;
  sync::RequestOutcome (*carry_out)(OnUsers& operations, const std::string& user);
};

sync::RequestOutcome bring_in_line(OnUsers& operations, const std::string& user, const char* command) {
  sync::RequestOutcome outcome;
  operations.bring_in_line({sync::reference_to(user)}, false, command,
                           [&outcome](const sync::RequestOutcome& answer) { outcome = answer; });
  return outcome;
}

// Applications are for the command, which asks first.
bool never(const std::string&) { return false; }

constexpr std::array<UserAct, 5> user_acts{{
    {"add", [](OnUsers& operations, const std::string& user) { return bring_in_line(operations, user, "user add"); }},
    {"refresh",
     [](OnUsers& operations, const std::string& user) { return bring_in_line(operations, user, "user refresh"); }},
    {"enable", [](OnUsers& operations, const std::string& user) { return operations.enable(user); }},
    {"disable", [](OnUsers& operations, const std::string& user) { return operations.disable(user, never); }},
    {"invited", [](OnUsers& operations, const std::string& user) { return operations.mark_invited(user); }},
}};

const UserAct& act_named(const std::string& name) {
  const auto found = std::ranges::find(user_acts, name, &UserAct::name);
  if (found == user_acts.end()) throw sync::UsageError("`act` must be add, refresh, enable, disable or invited");
  return *found;
}

const config::Environment& environment_named(const config::Configuration& configuration, const std::string& name) {
  const auto& environment = *sync::chosen(configuration, {name}).front();
  if (environment.rules.type == core::EnvironmentType::none) {
    throw sync::UsageError("environment " + name + " is of type none: it has no Dataverse database, and no rows");
  }
  return environment;
}

}  // namespace

Answer Api::begin(Operations::Order order) {
  const auto id = operations_.begin(std::move(order));
  if (!id) return refusal(503, "busy", "too much waits already");
  auto answer = json_answer(*operations_.find(*id), 202);
  answer.headers.emplace_back("Location", "/api/v1/operations/" + std::to_string(*id));
  return answer;
}

// As whoever sends the daemon a signal: what is asked twice is done once.
Answer Api::sync_now(const Call& call) {
  Body body(call.request.body);
  const bool full = body.flag("full");
  body.close();
  log_.info("console: " + call.caller.name + " asks for a run" + (full ? " that looks at everybody" : ""));
  ::kill(::getpid(), full ? SIGUSR2 : SIGUSR1);
  return json_answer({{"asked", full ? "full" : "incremental"}, {"by", call.caller.name}}, 202);
}

Answer Api::approve(const Call& call) {
  auto order = hold_order(call);
  const auto words = in_words(order.answer, "approves");
  return begin(
      {.takes_lease = true,
       .act = "approve",
       .words = words,
       .by = call.caller.name,
       .work = [this, order = std::move(order), configuration = call.configuration](const std::stop_token& stop) {
         service::Progress progress;
         service::RunReporter reporter(log_, progress);
         const auto report = sync::approve(*configuration, order.answer, order.request, reporter, stop);
         return sync::json_of(report, sync::read_held(*configuration, report));
       }});
}

Answer Api::reject(const Call& call) {
  auto order = hold_order(call);
  const auto words = in_words(order.answer, "rejects");
  return begin({.act = "reject",
                .words = words,
                .by = call.caller.name,
                .work = [order = std::move(order), configuration = call.configuration](const std::stop_token& stop) {
                  const auto rejected = sync::reject(*configuration, order.answer, order.request, stop);
                  return sync::json_of(rejected, order.answer.run_id);
                }});
}

Answer Api::act_on_user(const Call& call) {
  Body body(call.request.body);
  const auto* act = &act_named(body.needed("act"));
  auto user = body.needed("user");
  auto environment = body.needed("environment");
  body.close();
  static_cast<void>(environment_named(*call.configuration, environment));
  return begin({.act = "user " + std::string(act->name),
                .words = "asks for " + std::string(act->name) + " of " + sync::printable(user) + " in " + environment,
                .by = call.caller.name,
                .work = [act, user = std::move(user), name = std::move(environment), by = call.caller.name,
                         configuration = call.configuration](const std::stop_token& stop) {
                  const auto& chosen = environment_named(*configuration, name);
                  sync::UserOperations operations(*configuration, chosen, by, stop);
                  auto object = sync::json_of(act->carry_out(operations, user));
                  object["environment"] = name;
                  return object;
                }});
}

}  // namespace dvsync::console
