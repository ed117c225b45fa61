#include <algorithm>
#include <array>
#include <utility>

#include "changes.hpp"
#include "plan/plan_printer.hpp"
#include "plan/plan_sections.hpp"
#include "sync/summary.hpp"
#include "terminal/progress.hpp"
#include "words.hpp"

namespace dvsync::cli {
namespace {

struct Totals {
  std::int64_t create = 0;
  std::int64_t enable = 0;
  std::int64_t disable = 0;
  std::int64_t update = 0;
  std::int64_t held = 0;  // of these

  Totals& operator+=(const Totals& other) {
    create += other.create;
    enable += other.enable;
    disable += other.disable;
    update += other.update;
    held += other.held;
    return *this;
  }
  [[nodiscard]] std::int64_t sum() const { return create + enable + disable + update; }
  [[nodiscard]] std::string text() const {
    return std::to_string(create) + " to create, " + std::to_string(enable) + " to enable, " + std::to_string(disable) +
           " to disable, " + std::to_string(update) + " to update" +
           (held == 0 ? "" : "; the guard holds back " + std::to_string(held) + " of them");
  }
};

bool is_held(const PlanSections::Section& section, const sync::EnvironmentReport& report) {
  return section.guarded && report.held_classes[static_cast<std::size_t>(*section.guarded)];
}

Totals totals_of(PlanSections& sections, const sync::EnvironmentReport& report) {
  std::int64_t held = 0;
  sections.each(
      [&](const PlanSections::Section& section) { held += is_held(section, report) ? section.items.items() : 0; });
  return {.create = sections.count(core::Decision::create),
          .enable = sections.count(core::Decision::enable),
          .disable = sections.count(core::Decision::disable),
          .update = sections.count(core::Decision::update),
          .held = held};
}

// "612 disables (absent)"
std::string describe(const PlanSections::Section& section) {
  const std::string action(core::name_of(section.action));
  return count_of(section.items.items(), action, action + "s") + " (" + std::string(core::name_of(*section.guarded)) +
         ")";
}

class TextPlan : public PlanPrinter {
 public:
  TextPlan(Output& out, sync::Observer& progress) : PlanPrinter(progress), out_(out), paint_(out.paint()) {}

  void changed(const std::string&, std::int64_t, const core::Change& change,
               const std::vector<std::string>& notes) override {
    sections_.add(change, is_approved(notes), change_text(change, notes, paint_));
  }
  void may_be_held(const std::string&, const sync::GuardedUser& user) override {
    if (user.undecided) ++undecided_[static_cast<std::size_t>(user.guard_class)];
  }
  void rejected(const std::string&, std::int64_t, const std::optional<core::Guid>&, const core::Text& user,
                const std::string& reason, const std::string& detail) override {
    rejected_.add("  " + paint_.yellow("x") + " " + paint_.bold(printable(user.value_or("(no user name)"))) + "  " +
                  reason + ": " + printable(detail) + "\n");
  }
  void environment_ends(std::int64_t run_id, const sync::EnvironmentReport& report) override {
    PlanPrinter::environment_ends(run_id, report);
    if (report.error.empty()) {
      all_ += totals_of(sections_, report);  // before print() empties them
      print(report);
    }
    sections_ = {};  // of a failed environment: half a plan is none
    rejected_ = {};
    undecided_ = {};
  }
  void end(const sync::RunReport& report, const HeldByEnvironment& held) override {
    if (!report.note.empty()) out_.write(paint_.yellow("note:") + " " + printable(report.note) + "\n");
    if (!report.pull_error.empty()) {
      out_.write(paint_.red("The directory was not read:") + " " + printable(report.pull_error) + "\n");
      return;
    }
    out_.write(in_line_text(report));
    out_.write(attention_of(report, held, paint_, out_.table_width()));
    const bool whole = std::all_of(report.environments.begin(), report.environments.end(),
                                   [](const auto& environment) { return environment.error.empty(); });
    out_.write(paint_.bold("Plan: ") + (all_.sum() == 0 ? "no changes" : all_.text()) +
               (whole ? "" : ", not counting what could not be planned") + ".\n");
  }
  [[nodiscard]] std::int64_t changes() const override { return all_.sum(); }

 private:
  void print(const sync::EnvironmentReport& report) {
    if (sections_.count() > 0 && !std::exchange(legend_shown_, true)) out_.write(legend(paint_) + "\n\n");
    const auto totals = totals_of(sections_, report);
    out_.write(paint_.bold(report.name) + ": " + (totals.sum() == 0 ? "no changes" : totals.text()) + "\n");
    sections_.each([&](PlanSections::Section& section) {
      if (is_held(section, report)) {
        out_.write("  " + paint_.red("held by the guard:") + " " + describe(section) + "\n");
      }
      section.items.pour_into(out_);
    });
    for (std::size_t c = 0; c < undecided_.size(); ++c) {
      if (!report.held_classes[c] || undecided_[c] == 0) continue;
      out_.write("  " + paint_.red("held by the guard:") + " " + count_of(undecided_[c], "decision", "decisions") +
                 " of earlier runs (" + std::string(core::name_of(static_cast<core::GuardClass>(c))) +
                 ") that cannot be judged now\n");
    }
    rejected_.pour_into(out_);
    out_.write("\n");
  }

  Output& out_;
  const Paint& paint_;
  PlanSections sections_;
  Spool rejected_;
  std::array<std::int64_t, core::guard_class_count> undecided_{};  // held by earlier runs, and a fact is missing
  Totals all_;
  bool legend_shown_ = false;
};

}  // namespace

bool is_approved(const std::vector<std::string>& notes) {
  return std::find(notes.begin(), notes.end(), "approved") != notes.end();
}

std::unique_ptr<PlanPrinter> make_text_plan(Output& out, sync::Observer& progress) {
  return std::make_unique<TextPlan>(out, progress);
}

}  // namespace dvsync::cli
