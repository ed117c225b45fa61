#include <array>
#include <chrono>
#include <utility>

#include "changes.hpp"
#include "dvsync/sync/saved_plan.hpp"
#include "json.hpp"
#include "plan/plan_printer.hpp"
#include "plan/plan_sections.hpp"
#include "plan/saved_plan_json.hpp"

namespace dvsync::cli {
namespace {

namespace json = boost::json;

json::object planned_json(const core::Change& change, const std::vector<std::string>& notes) {
  const bool create = change.action == core::Decision::create;
  const bool guarded = change.guarded && !is_approved(notes);
  const auto& name = (create ? change.after : change.before)[core::Column::domainname];
  const auto& id = change.after.azureactivedirectoryobjectid;  // none: a placeholder
  return {{"action", core::name_of(change.action)},
          {"reason", core::code_of(change.reason)},
          {"object_id", id ? json::value(core::to_string(*id)) : json::value(nullptr)},
          {"systemuserid", create ? json::value(nullptr) : json::value(core::to_string(change.before.systemuserid))},
          {"domainname", json_or_null(name)},
          {"guard_class", guarded ? json::value(core::name_of(*change.guarded)) : json::value(nullptr)},
          {"fields", sync::json_of(fields_of(change))},
          {"notes", cli::json_of(notes)}};
}

json::object planned_json(const sync::GuardedUser& user) {
  return {{"object_id", core::to_string(user.object_id)},
          {"domainname", json_or_null(user.user)},
          {"guard_class", core::name_of(user.guard_class)},
          {"undecided", user.undecided},
          {"fields", user.instead ? json::value(sync::json_of(fields_of(*user.instead))) : json::value(nullptr)}};
}

// What tells, when the plan is applied, whether it is still the same: of the change that is written (null: none).
void add_digests(json::object& item, const core::Change* change) {
  const bool had_row = change != nullptr && change->action != core::Decision::create;
  item["row_digest"] = had_row ? json::value(to_hex(sync::digest_of(change->before))) : json::value(nullptr);
  item["change_digest"] = change != nullptr ? json::value(to_hex(sync::digest_of(*change))) : json::value(nullptr);
}

json::object planned_json(const sync::PlanBasis& basis) {
  return {{"mirror_id", core::to_string(basis.mirror_id)},
          {"mirror_version", basis.mirror_version},
          {"mark", json_or_null(basis.mark)},
          {"schema", basis.schema},
          {"settings", to_hex(basis.settings)},
          {"knowledge", to_hex(basis.knowledge)}};
}

json::array held_classes(const sync::EnvironmentReport& report) {
  json::array names;
  for (std::size_t c = 0; c < report.held_classes.size(); ++c) {
    if (report.held_classes[c]) names.emplace_back(core::name_of(static_cast<core::GuardClass>(c)));
  }
  return names;
}

// Everything is written at once but the rejections, which stand behind the changes they come between.
class JsonPlan : public PlanPrinter {
 public:
  // `made_by`: of a plan to be saved.
  JsonPlan(Output& out, sync::Observer& progress, std::optional<std::string> made_by)
      : PlanPrinter(progress), out_(out), made_by_(std::move(made_by)) {}

  void environment_begins(const std::string& name, std::int64_t run_id, std::int64_t expected) override {
    PlanPrinter::environment_begins(name, run_id, expected);
    open(name);
  }
  void changed(const std::string&, std::int64_t, const core::Change& change,
               const std::vector<std::string>& notes) override {
    auto item = planned_json(change, notes);
    if (made_by_) add_digests(item, &change);
    out_.write((of_this_ > 0 ? "," : "") + json::serialize(item));
    ++of_this_;
    ++changes_;
  }
  void may_be_held(const std::string&, const sync::GuardedUser& user) override {
    auto& spool = guarded_[static_cast<std::size_t>(user.guard_class)];
    auto item = planned_json(user);
    if (made_by_) add_digests(item, user.instead ? &*user.instead : nullptr);
    spool.add((spool.items() > 0 ? "," : "") + json::serialize(item));
  }
  void rejected(const std::string&, std::int64_t, const std::optional<core::Guid>& object_id, const core::Text& user,
                const std::string& reason, const std::string& detail) override {
    rejected_.add((rejected_.items() > 0 ? "," : "") +
                  json::serialize(json::object{
                      {"object_id", object_id ? json::value(core::to_string(*object_id)) : json::value(nullptr)},
                      {"domainname", json_or_null(user)},
                      {"reason", reason},
                      {"detail", detail}}));
  }
  void environment_ends(std::int64_t run_id, const sync::EnvironmentReport& report) override {
    PlanPrinter::environment_ends(run_id, report);
    if (!open_) open(report.name);  // it failed before it began
    out_.write(R"(],"rejected":[)");
    rejected_.pour_into(out_);
    out_.write(R"(],"held":[)");
    bool first = true;
    for (std::size_t c = 0; c < guarded_.size(); ++c) {
      if (!report.held_classes[c] || guarded_[c].items() == 0) continue;
      if (!std::exchange(first, false)) out_.write(",");
      guarded_[c].pour_into(out_);
    }
    json::object rest{{"kind", core::name_of(report.kind)},      {"outcome", core::name_of(report.outcome)},
                      {"why_full", json_text(report.why_full)},  {"totals", cli::json_of(report.counters)},
                      {"held_classes", held_classes(report)},    {"held_because", cli::json_of(report.held_because)},
                      {"missing", cli::json_of(report.missing)}, {"warnings", cli::json_of(report.warnings)},
                      {"error", json_text(report.error)}};
    if (made_by_) rest["basis"] = planned_json(report.basis);
    out_.write("]," + json::serialize(rest).substr(1));
    open_ = false;
  }
  void end(const sync::RunReport& report, const HeldByEnvironment&) override {
    if (!begun_) out_.write(R"({"environments":[)");
    json::object rest{
        {"changes", changes_}, {"note", json_text(report.note)}, {"pull_error", json_text(report.pull_error)}};
    if (made_by_) {
      rest["plan_version"] = saved_plan_version;
      rest["made_at"] = utc_time(std::chrono::floor<std::chrono::microseconds>(std::chrono::system_clock::now()));
      rest["made_by"] = *made_by_;
      rest["dvsync"] = DVSYNC_VERSION;
    } else {
      rest["in_line"] = cli::json_of(report.in_line);
    }
    out_.write("]," + json::serialize(rest).substr(1) + "\n");
  }
  [[nodiscard]] std::int64_t changes() const override { return changes_; }

 private:
  void open(const std::string& name) {
    out_.write(std::exchange(begun_, true) ? "," : R"({"environments":[)");
    out_.write(R"({"name":)" + json::serialize(json::value(name)) + R"(,"changes":[)");
    of_this_ = 0;
    rejected_ = {};
    guarded_ = {};
    open_ = true;
  }

  Output& out_;
  std::optional<std::string> made_by_;
  Spool rejected_;
  std::array<Spool, core::guard_class_count> guarded_;  // held or not, which the end tells
  std::int64_t of_this_ = 0;
  std::int64_t changes_ = 0;
  bool begun_ = false;
  bool open_ = false;
};

}  // namespace

std::unique_ptr<PlanPrinter> make_json_plan(Output& out, sync::Observer& progress) {
  return std::make_unique<JsonPlan>(out, progress, std::nullopt);
}

std::unique_ptr<PlanPrinter> make_plan_to_save(Output& out, sync::Observer& progress, std::string made_by) {
  return std::make_unique<JsonPlan>(out, progress, std::move(made_by));
}

}  // namespace dvsync::cli
