#include "plan/saved_plan_json.hpp"

#include <fmt/format.h>
#include <sysexits.h>

#include <algorithm>
#include <charconv>
#include <tuple>
#include <unordered_map>
#include <utility>

#include "dvsync/core/guard.hpp"
#include "dvsync/store/change_fields.hpp"
#include "plan/plan_file.hpp"
#include "words.hpp"

namespace dvsync::cli {
namespace {

namespace json = boost::json;

// An object of the file, asked for what it must have.
class Part {
 public:
  explicit Part(const json::object& object) : object_(object) {}
  explicit Part(const json::value& value) : object_(value.is_object() ? value.get_object() : nothing()) {}

  [[nodiscard]] const json::array& items(std::string_view key) const {
    const auto& value = at(key);
    return value.is_array() ? value.get_array() : broken(key).get_array();
  }
  [[nodiscard]] std::string text(std::string_view key) const {
    const auto& value = at(key);
    return std::string(value.is_string() ? value.get_string() : broken(key).get_string());
  }
  // Empty where it is null.
  [[nodiscard]] std::string text_or_null(std::string_view key) const {
    return at(key).is_null() ? std::string() : text(key);
  }
  [[nodiscard]] std::int64_t number(std::string_view key) const {
    const auto& value = at(key);
    return value.is_int64() ? value.get_int64() : broken(key).get_int64();
  }
  [[nodiscard]] bool flag(std::string_view key) const {
    const auto& value = at(key);
    return value.is_bool() ? value.get_bool() : broken(key).get_bool();
  }
  [[nodiscard]] Part part(std::string_view key) const { return Part(at(key)); }
  [[nodiscard]] std::optional<core::Guid> guid_or_null(std::string_view key) const {
    return at(key).is_null() ? std::nullopt : std::optional(guid(key));
  }
  [[nodiscard]] core::Guid guid(std::string_view key) const { return known(key, core::parse_guid(text(key))); }
  [[nodiscard]] std::uint64_t hex(std::string_view key) const {
    const auto digits = text(key);
    std::uint64_t number = 0;
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), number, 16);
    if (error != std::errc() || end != digits.data() + digits.size()) broken(key);
    return number;
  }
  [[nodiscard]] std::optional<std::uint64_t> hex_or_null(std::string_view key) const {
    return at(key).is_null() ? std::nullopt : std::optional(hex(key));
  }
  [[nodiscard]] std::vector<std::string> texts(std::string_view key) const {
    std::vector<std::string> texts;
    for (const auto& item : items(key)) {
      texts.emplace_back(item.is_string() ? item.get_string() : broken(key).get_string());
    }
    return texts;
  }
  // What text() must be one of.
  template <class Value>
  [[nodiscard]] Value known(std::string_view key, const std::optional<Value>& value) const {
    if (!value) broken(key);
    return *value;
  }
  // The fields as JSON; nullopt where they are null.
  [[nodiscard]] std::optional<std::string> fields() const {
    const auto& value = at("fields");
    return value.is_null() ? std::nullopt : std::optional(json::serialize(value));
  }
  [[noreturn]] const json::value& broken(std::string_view key) const {
    throw PlanFileError(EX_DATAERR, "the saved plan has no usable `" + std::string(key) + "`");
  }

 private:
  static const json::object& nothing() {
    static const json::object empty;
    return empty;
  }
  [[nodiscard]] const json::value& at(std::string_view key) const {
    const auto* value = object_.if_contains(json::string_view(key.data(), key.size()));
    return value != nullptr ? *value : broken(key);
  }

  const json::object& object_;
};

core::Change change_of(const Part& item) {
  core::Change change;
  change.action = item.known("action", core::decision_named(item.text("action")));
  change.reason = item.known("reason", core::reason_of(item.text("reason")));
  // A placeholder has no object id: its row stands for it, as in the plan.
  change.object_id = item.guid_or_null("object_id").value_or(item.guid_or_null("systemuserid").value_or(core::Guid{}));
  if (change.object_id == core::Guid{}) item.broken("object_id");
  auto& row = change.action == core::Decision::create ? change.after : change.before;
  if (const auto name = item.text_or_null("domainname"); !name.empty()) row[core::Column::domainname] = name;
  if (const auto id = item.guid_or_null("systemuserid")) row.systemuserid = *id;
  if (change.action != core::Decision::create) change.after = change.before;
  const auto others = store::read_fields(item.fields().value_or("{}"), change);
  if (!others || !others->empty()) item.broken("fields");
  if (!item.text_or_null("guard_class").empty()) {
    change.guarded = item.known("guard_class", core::guard_class_named(item.text("guard_class")));
  }
  return change;
}

sync::GuardedUser guarded_user_of(const Part& item) {
  sync::GuardedUser user;
  user.object_id = item.guid("object_id");
  user.guard_class = item.known("guard_class", core::guard_class_named(item.text("guard_class")));
  user.undecided = item.flag("undecided");
  return user;
}

core::HeldClasses held_classes_of(const Part& environment) {
  core::HeldClasses held{};
  for (const auto& name : environment.texts("held_classes")) {
    held[static_cast<std::size_t>(environment.known("held_classes", core::guard_class_named(name)))] = true;
  }
  return held;
}

sync::PlanBasis basis_of(const Part& basis) {
  return {.mirror_id = basis.guid("mirror_id"),
          .mirror_version = basis.number("mirror_version"),
          .mark = basis.guid_or_null("mark"),
          .schema = basis.text("schema"),
          .settings = basis.hex("settings"),
          .knowledge = basis.hex("knowledge")};
}

sync::SavedChange saved_change_of(const Part& item, const core::HeldClasses& held) {
  const auto change = change_of(item);
  return {.object_id = change.object_id,
          .user = item.text_or_null("domainname"),
          .action = change.action,
          .reason = change.reason,
          .held = change.guarded && held[static_cast<std::size_t>(*change.guarded)],
          .row = item.hex_or_null("row_digest"),
          .change = item.hex_or_null("change_digest")};
}

sync::SavedEnvironment saved_environment_of(const Part& environment) {
  sync::SavedEnvironment saved{.name = environment.text("name"), .basis = basis_of(environment.part("basis"))};
  const auto held_classes = held_classes_of(environment);
  for (const auto& item : environment.items("changes")) {
    saved.changes.push_back(saved_change_of(Part(item), held_classes));
  }
  // Of whom the guard holds, only this is written.
  std::unordered_map<core::Guid, std::pair<std::optional<std::uint64_t>, std::optional<std::uint64_t>>> instead;
  for (const auto& item : environment.items("held")) {
    const Part user(item);
    instead.emplace(user.guid("object_id"),
                    std::pair(user.hex_or_null("row_digest"), user.hex_or_null("change_digest")));
  }
  for (auto& change : saved.changes) {
    if (!change.held) continue;
    const auto found = instead.find(change.object_id);
    if (found == instead.end()) environment.broken("held");
    std::tie(change.row, change.change) = found->second;
  }
  return saved;
}

sync::EnvironmentReport report_of(const Part& environment) {
  sync::EnvironmentReport report;
  report.name = environment.text("name");
  report.why_full = environment.text_or_null("why_full");
  report.held_classes = held_classes_of(environment);
  report.held_because = environment.texts("held_because");
  report.missing = environment.texts("missing");
  report.warnings = environment.texts("warnings");
  report.error = environment.text_or_null("error");
  return report;
}

void require_version(const Part& plan) {
  if (plan.number("plan_version") == saved_plan_version) return;
  throw PlanFileError(EX_DATAERR, "the plan was saved by dvsync " + printable(plan.text("dvsync")) +
                                      ", whose plans this version cannot read: plan again");
}

}  // namespace

std::string to_hex(std::uint64_t number) { return fmt::format("{:016x}", number); }

sync::SavedPlan saved_plan_of(const json::object& content, const std::string& hash) {
  const Part plan(content);
  require_version(plan);
  sync::SavedPlan saved{.hash = hash};
  for (const auto& environment : plan.items("environments")) {
    saved.environments.push_back(saved_environment_of(Part(environment)));
  }
  return saved;
}

void tell_again(const json::object& content, PlanPrinter& printer) {
  const Part plan(content);
  require_version(plan);
  sync::RunReport report;
  for (const auto& value : plan.items("environments")) {
    const Part environment(value);
    const auto ended = report_of(environment);
    printer.environment_begins(ended.name, 0, 0);
    for (const auto& item : environment.items("changes")) {
      printer.changed(ended.name, 0, change_of(Part(item)), Part(item).texts("notes"));
    }
    for (const auto& item : environment.items("held")) printer.may_be_held(ended.name, guarded_user_of(Part(item)));
    for (const auto& item : environment.items("rejected")) {
      const Part user(item);
      printer.rejected(ended.name, 0, user.guid_or_null("object_id"), user.text_or_null("domainname"),
                       user.text("reason"), user.text("detail"));
    }
    printer.environment_ends(0, ended);
    report.environments.push_back(ended);
  }
  report.note = plan.text_or_null("note");
  printer.end(report, {});
}

}  // namespace dvsync::cli
