// The section `notify`: who is told about alarms, by a webhook or a command.

#include <algorithm>
#include <optional>
#include <set>
#include <string>
#include <utility>

#include "dvsync/config/suggestion.hpp"
#include "files.hpp"
#include "masking.hpp"
#include "settings.hpp"
#include "values.hpp"

namespace dvsync::config {
namespace {

constexpr std::size_t longest_name = 100;
constexpr std::size_t longest_template = std::size_t{16} * 1024;

Read<std::string> target_name(const YAML::Node& node) {
  auto name = text(node);
  if (name && (name->size() > longest_name || name->find('\n') != std::string::npos)) {
    return wrong("must be one line of at most " + std::to_string(longest_name) + " bytes");
  }
  return name;
}

OneOf<Alarm> alarm_name() {
  OneOf<Alarm> choice({});
  for (const auto alarm : all_alarms) choice.add(name_of(alarm), alarm);
  return choice;
}

// The first word between {{ and }} that no message has.
std::optional<std::string> unknown_word(std::string_view body) {
  const auto& known = words_of_messages();
  for (auto begin = body.find("{{"); begin != std::string_view::npos; begin = body.find("{{", begin + 2)) {
    const auto end = body.find("}}", begin);
    const auto word = body.substr(begin + 2, end == std::string_view::npos ? end : end - begin - 2);
    if (end == std::string_view::npos || std::ranges::find(known, word) == known.end()) return std::string(word);
  }
  return std::nullopt;
}

Read<std::string> message_template(const YAML::Node& node) {
  auto body = text(node);
  if (!body) return body;
  if (body->size() > longest_template) return wrong("must not be longer than 16 KiB");
  const auto& known = words_of_messages();
  if (const auto word = unknown_word(*body)) {
    return wrong("has {{" + word->substr(0, 40) + "}}, which no message has" + did_you_mean(*word, known) + " (" +
                 alternatives(known) + ")");
  }
  return body;
}

Webhook read_webhook(Section section, const std::filesystem::path& folder) {
  Webhook webhook;
  section.required("url_file", webhook.url_file, SecretFile{folder});
  section.optional(
      "format", webhook.format,
      OneOf<WebhookFormat>{
          {"plain", WebhookFormat::plain}, {"slack", WebhookFormat::slack}, {"teams", WebhookFormat::teams}});
  section.optional("template", webhook.body, message_template);
  if (section.has("template") && webhook.format != WebhookFormat::plain) {
    section.reject_key("template", "`template` stands instead of `format`: remove one of them");
  }
  section.optional("ca_file", webhook.ca_file, ReadableFile{folder});
  section.optional("proxy", webhook.proxy, text);
  section.close();
  return webhook;
}

NotifyCommand read_command(Section& section) {
  NotifyCommand command;
  if (!section.optional_list("command", command.arguments, text)) return command;
  if (command.arguments.empty()) {
    section.reject_value("command", "`command` must begin with a program");
  } else if (const auto wrong = cannot_be_started(command.arguments.front())) {
    section.reject_element("command", 0, wrong->message());
  }
  return command;
}

// What a target is called that has no name: the mirror's memory needs one that stays when the list is sorted anew.
std::string own_name(const NotifyTarget& target) {
  if (const auto* webhook = std::get_if<Webhook>(&target.by)) return webhook->url_file.filename().string();
  const auto& arguments = std::get<NotifyCommand>(target.by).arguments;
  return arguments.empty() ? "" : std::filesystem::path(arguments.front()).filename().string();
}

NotifyTarget read_target(Section& section, const std::filesystem::path& folder) {
  NotifyTarget target;
  section.optional("name", target.name, target_name);
  const bool webhook = section.has("webhook");
  const bool command = section.has("command");
  if (webhook == command) {
    section.reject(webhook ? "`webhook` or `command`, not both: give each a place of its own in `notify`"
                           : "a place in `notify` needs a `webhook` or a `command`");
  }
  if (section.may_have("webhook")) target.by = read_webhook(section.child("webhook"), folder);
  if (section.may_have("command") || !webhook) {
    auto read = read_command(section);
    if (command) target.by = std::move(read);
  }
  section.optional_list("on", target.on, alarm_name());
  section.optional("remind_every", target.remind_every, Duration{std::chrono::seconds(1), std::chrono::days(365)});
  section.optional("include_users", target.include_users, flag);
  section.close();
  if (target.name.empty()) target.name = own_name(target);
  return target;
}

}  // namespace

std::string_view name_of(Alarm alarm) {
  switch (alarm) {
    case Alarm::held:
      return "held";
    case Alarm::failed:
      return "failed";
    case Alarm::stale:
      return "stale";
    case Alarm::incomplete:
      return "incomplete";
    case Alarm::rejected:
      return "rejected";
    case Alarm::recovered:
      return "recovered";
  }
  return "";
}

const std::vector<std::string_view>& words_of_messages() {
  static const std::vector<std::string_view> words{"id",  "occasion", "alarm", "code",  "severity", "environment",
                                                   "run", "count",    "what",  "since", "next",     "text"};
  return words;
}

std::vector<NotifyTarget> read_notify(std::vector<Section> sections, const std::filesystem::path& folder) {
  std::vector<NotifyTarget> targets;
  std::set<std::string> names;
  for (auto& section : sections) {
    targets.push_back(read_target(section, folder));
    const auto& name = targets.back().name;
    if (!name.empty() && !names.insert(name).second) {
      section.reject("two places of `notify` are called " + in_quotes(name) + ": give one of them another `name`");
    }
  }
  return targets;
}

}  // namespace dvsync::config
