#include "message_text.hpp"

#include <fmt/format.h>

#include "dvsync/core/timestamp.hpp"
#include "dvsync/sync/in_words.hpp"

namespace dvsync::service {
namespace {

namespace json = boost::json;

std::string subject_line(const AlarmMessage& message) {
  const auto& alarm = message.alarm;
  const auto where = alarm.key.environment.empty() ? "" : sync::printable(alarm.key.environment) + ": ";
  switch (message.occasion) {
    case Occasion::begins:
      return where + alarm.what;
    case Occasion::remains:
      return where + "still: " + alarm.what;
    case Occasion::ends:
      return where + "over: " + alarm.what;
  }
  return "";
}

std::string text_with(const std::string& subject, const std::string& next, const NamedUsers* users) {
  auto text = "dvsync: " + subject;
  if (!next.empty()) text += "\nNext: " + next;
  if (users == nullptr || users->names.empty()) return text;
  text += "\nUsers: ";
  for (std::size_t i = 0; i < users->names.size(); ++i) text += (i == 0 ? "" : ", ") + users->names[i];
  if (users->more > 0) text += fmt::format(", and {} more", users->more);
  return text;
}

// Slack's own three; everything else stands for itself.
std::string for_slack(std::string_view text) {
  std::string escaped;
  for (const char c : text) {
    escaped += c == '&' ? "&amp;" : c == '<' ? "&lt;" : c == '>' ? "&gt;" : std::string(1, c);
  }
  return escaped;
}

// An adaptive card of text runs, in which nothing is markup: names come from a directory.
json::object for_teams(std::string_view text) {
  json::array lines;
  for (std::size_t begin = 0; begin <= text.size();) {
    const auto end = std::min(text.find('\n', begin), text.size());
    json::object run{{"type", "TextRun"}, {"text", text.substr(begin, end - begin)}};
    if (begin == 0) run["weight"] = "Bolder";
    lines.push_back(json::object{{"type", "RichTextBlock"}, {"inlines", json::array{std::move(run)}}});
    begin = end + 1;
  }
  json::object card{{"$schema", "http://adaptivecards.io/schemas/adaptive-card.json"},
                    {"type", "AdaptiveCard"},
                    {"version", "1.4"},
                    {"body", std::move(lines)}};
  json::object attachment{{"contentType", "application/vnd.microsoft.card.adaptive"}, {"content", std::move(card)}};
  return {{"type", "message"}, {"attachments", json::array{std::move(attachment)}}};
}

// As it stands in a JSON text: escaped, without the quotes around it.
std::string within_quotes(const json::value& value) {
  if (value.is_null()) return "";
  const auto text = value.is_string() ? std::string(value.get_string()) : json::serialize(value);
  const auto quoted = json::serialize(json::value(text));
  return quoted.substr(1, quoted.size() - 2);
}

std::string filled_in(std::string_view body, const json::object& message) {
  std::string filled;
  while (true) {
    const auto begin = body.find("{{");
    const auto end = body.find("}}", begin);
    if (end == std::string_view::npos) return filled + std::string(body);
    const auto* value = message.if_contains(body.substr(begin + 2, end - begin - 2));
    filled += std::string(body.substr(0, begin)) + (value == nullptr ? "" : within_quotes(*value));
    body.remove_prefix(end + 2);
  }
}

}  // namespace

json::object json_of(const AlarmMessage& message, const NamedUsers* users) {
  const auto& alarm = message.alarm;
  const auto kind = alarm_of(alarm.key.code);
  const auto subject = subject_line(message);
  json::object object{
      {"occasion", name_of(message.occasion)},
      {"alarm", kind ? config::name_of(*kind) : std::string_view("")},
      {"code", alarm.key.code},
      {"severity", name_of(alarm.severity)},
      {"environment", alarm.key.environment.empty() ? json::value(nullptr) : json::value(alarm.key.environment)},
      {"run", alarm.run_id ? json::value(*alarm.run_id) : json::value(nullptr)},
      {"count", alarm.count},
      {"what", alarm.what},
      {"since", core::utc_time(message.since)},
      {"next", alarm.next},
      {"text", text_with(subject, alarm.next, users)}};
  if (users != nullptr) object["users"] = json::array(users->names.begin(), users->names.end());
  return object;
}

json::object test_message(core::Timestamp now) {
  const std::string what = "a test message, sent by `dvsync notify --test`";
  return {{"id", "test"},
          {"occasion", "test"},
          {"alarm", "test"},
          {"code", "test"},
          {"severity", "note"},
          {"environment", nullptr},
          {"run", nullptr},
          {"count", 0},
          {"what", what},
          {"since", core::utc_time(now)},
          {"next", "nothing: it has arrived"},
          {"text", text_with(what, "", nullptr)}};
}

std::string payload_of(const config::Webhook& webhook, const json::object& message) {
  if (webhook.body) return filled_in(*webhook.body, message);
  const std::string_view text = message.at("text").as_string();
  switch (webhook.format) {
    case config::WebhookFormat::plain:
      break;
    case config::WebhookFormat::slack:
      return json::serialize(json::object{{"text", for_slack(text)}});
    case config::WebhookFormat::teams:
      return json::serialize(for_teams(text));
  }
  return json::serialize(message);
}

}  // namespace dvsync::service
