#include "sync/summary.hpp"

#include <algorithm>

#include "dvsync/service/health.hpp"
#include "words.hpp"

namespace dvsync::cli {
namespace {

Cell number(std::int64_t value, Tint tint = Tint::none) {
  return {std::to_string(value), value == 0 ? Tint::faint : tint};
}

Tint tint_of(std::int64_t core::Counters::*counter) {
  if (counter == &core::Counters::rejected) return Tint::attention;
  return counter == &core::Counters::held ? Tint::bad : Tint::none;
}

// On a narrow terminal: what needs no attention.
Fit fit_of(std::int64_t core::Counters::*counter) {
  // What is rejected is told below the table as well.
  const bool least = counter == &core::Counters::unchanged || counter == &core::Counters::ignored ||
                     counter == &core::Counters::rejected;
  return least ? Fit::leave_out : Fit::keep;
}

std::string environments_table(const sync::RunReport& report, const Paint& paint, std::optional<std::size_t> width) {
  std::vector<Table::Heading> headings{{"environment"}, {"kind", Align::left, Fit::leave_out}, {"outcome"}};
  for (const auto& counter : core::named_counters) {
    headings.push_back({std::string(counter.name), Align::right, fit_of(counter.value)});
  }
  headings.push_back({"duration", Align::right, Fit::leave_out});
  Table table(headings);
  for (const auto& e : report.environments) {
    std::vector<Cell> cells{{e.name},
                            {std::string(core::name_of(e.kind))},
                            {std::string(core::name_of(e.outcome)), tint_of_outcome(core::name_of(e.outcome))}};
    for (const auto& counter : core::named_counters) {
      cells.push_back(number(e.counters.*counter.value, tint_of(counter.value)));
    }
    cells.push_back({format_duration(e.duration)});
    table.add(cells);
  }
  return table.text(paint, width);
}

// What needs attention, in the order in which it came up; what several environments have in common once.
class Attention {
 public:
  void add(const std::string& environment, const std::string& what) {
    const auto same = std::ranges::find(lines_, what, &Line::what);
    if (same == lines_.end()) {
      lines_.push_back({{environment}, what});
    } else {
      same->environments.push_back(environment);
    }
  }
  [[nodiscard]] std::string text(const Paint& paint, std::optional<std::size_t> width) const {
    std::string text;
    for (const auto& line : lines_) {
      text += folded_text(paint.bold(names_in_words(line.environments)) + ": " + line.what, width, 2) + "\n";
    }
    return text;
  }

 private:
  struct Line {
    std::vector<std::string> environments;
    std::string what;
  };
  std::vector<Line> lines_;
};

std::string held_line(const store::HeldDecisions& decisions, const Paint& paint) {
  const auto run = std::to_string(decisions.run_id);
  return paint.red("HELD:") + " " + service::describe(decisions) + (decisions.decisions == 1 ? " waits" : " wait") +
         ": look with `dvsync plan`, release with `dvsync approve " + run + "`, or refuse with `dvsync reject " + run +
         "`";
}

void attend_to(const sync::EnvironmentReport& e, const HeldByEnvironment& held, const Paint& paint,
               Attention& attention) {
  const auto add = [&](const std::string& what) { attention.add(e.name, what); };
  if (!e.why_full.empty()) add("everybody was looked at: " + e.why_full);
  if (e.was_behind && e.why_full.empty() && e.counters.changed() > 0) {
    add("some changes were in the mirror before this run read the directory");
  }
  if (!e.error.empty()) add(paint.red(std::string(core::name_of(e.outcome))) + ": " + printable(e.error));
  if (const auto found = held.find(e.name); found != held.end()) {
    for (const auto& decisions : found->second) add(held_line(decisions, paint));
  }
  for (const auto& sum : e.held_because) add("held because of " + sum);
  for (const auto& missing : e.missing) add(paint.yellow("missing:") + " " + printable(missing));
  for (const auto& warning : e.warnings) add(paint.yellow("warning:") + " " + printable(warning));
  if (e.counters.rejected != 0) {
    add(count_of(e.counters.rejected, "rejected record", "rejected records") + ": `dvsync log --rejected` lists them");
  }
}

bool anything_changed(const sync::RunReport& report) {
  return std::any_of(report.environments.begin(), report.environments.end(),
                     [](const auto& e) { return e.counters.changed() != 0; });
}

std::string pull_lines(const sync::RunReport& report, const Paint& paint) {
  std::string text;
  if (report.pull) {
    text += "Directory: " + pull_in_words(*report.pull) + "\n";
    for (const auto& warning : report.pull->warnings) {
      text += paint.yellow("warning:") + " " + printable(warning) + "\n";
    }
  }
  if (!report.note.empty()) text += paint.yellow("note:") + " " + printable(report.note) + "\n";
  if (!report.pull_error.empty()) {
    text += paint.red("The directory was not read:") + " " + printable(report.pull_error) + "\n";
  }
  return text;
}

// Where nothing changed: whether there was nothing to do, or not everything could be looked at.
std::string why_nothing_changed(const sync::RunReport& report) {
  if (!report.pull_error.empty() || report.environments.empty() || anything_changed(report)) return "";
  const auto all = [&report](const auto& so) {
    return std::all_of(report.environments.begin(), report.environments.end(), so);
  };
  if (all([](const auto& e) { return e.outcome == store::Outcome::succeeded; })) return "Nothing to do.\n";
  const bool looked = all(
      [](const auto& e) { return e.outcome == store::Outcome::succeeded || e.outcome == store::Outcome::incomplete; });
  return looked ? "Nothing was changed, but not everything is known: see what is missing.\n" : "";
}

}  // namespace

std::string attention_of(const sync::RunReport& report, const HeldByEnvironment& held, const Paint& paint,
                         std::optional<std::size_t> width) {
  Attention attention;
  for (const auto& environment : report.environments) attend_to(environment, held, paint, attention);
  return attention.text(paint, width);
}

std::string in_line_text(const sync::RunReport& report) {
  if (report.in_line.empty()) return "";
  const auto count = static_cast<std::int64_t>(report.in_line.size());
  return count_of(count, "environment", "environments") + " had nothing to do, and " + (count == 1 ? "was" : "were") +
         " not opened.\n";
}

std::string summary_of(const sync::RunReport& report, const HeldByEnvironment& held, const Paint& paint,
                       std::optional<std::size_t> width) {
  // A run that never reached the mirror has no number there.
  auto text = report.run_id == 0 ? std::string() : paint.bold("Run " + std::to_string(report.run_id)) + "\n";
  text += pull_lines(report, paint);
  if (!report.environments.empty()) text += "\n" + environments_table(report, paint, width);
  if (!report.in_line.empty()) text += "\n" + in_line_text(report);
  // A directory that was not read is the same news for all environments, and told already.
  auto below = report.pull_error.empty() ? attention_of(report, held, paint, width) : std::string();
  below += why_nothing_changed(report);
  return below.empty() ? text : text + "\n" + below;
}

}  // namespace dvsync::cli
