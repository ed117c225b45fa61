#include "sync/summary.hpp"

#include <algorithm>

#include "dvsync/service/health.hpp"
#include "dvsync/store/open.hpp"
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

std::string environments_table(const sync::RunReport& report, const Paint& paint) {
  std::vector<Table::Heading> headings{{"environment"}, {"kind"}, {"outcome"}};
  for (const auto& counter : core::named_counters) headings.push_back({std::string(counter.name), Align::right});
  headings.push_back({"duration", Align::right});
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
  return table.text(paint);
}

std::string held_lines(const std::string& name, const std::vector<store::HeldDecisions>& held, const Paint& paint) {
  std::string text;
  for (const auto& decisions : held) {
    text += paint.red("HELD:") + " " + name + ": " + service::describe(decisions) +
            (decisions.decisions == 1 ? " waits" : " wait") +
            ": look with `dvsync plan`, release with `dvsync approve " + std::to_string(decisions.run_id) +
            "`, or refuse with `dvsync reject " + std::to_string(decisions.run_id) + "`\n";
  }
  return text;
}

std::string attention(const sync::EnvironmentReport& e, const HeldByEnvironment& held, const Paint& paint) {
  const auto name = paint.bold(e.name);
  std::string text;
  if (!e.why_full.empty()) text += name + ": everybody was looked at: " + e.why_full + "\n";
  if (e.was_behind && e.why_full.empty() && e.counters.changed() > 0) {
    text += name + ": some changes were in the mirror before this run read the directory\n";
  }
  if (!e.error.empty()) {
    text += name + ": " + paint.red(std::string(core::name_of(e.outcome))) + ": " + printable(e.error) + "\n";
  }
  if (const auto found = held.find(e.name); found != held.end()) text += held_lines(name, found->second, paint);
  for (const auto& sum : e.held_because) text += name + ": held because of " + sum + "\n";
  for (const auto& missing : e.missing) {
    text += name + ": " + paint.yellow("missing:") + " " + printable(missing) + "\n";
  }
  for (const auto& warning : e.warnings) {
    text += name + ": " + paint.yellow("warning:") + " " + printable(warning) + "\n";
  }
  if (e.counters.rejected != 0) {
    text += name + ": " + count_of(e.counters.rejected, "rejected record", "rejected records") +
            ": `dvsync log --rejected --environment " + e.name + "` lists them\n";
  }
  return text;
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

HeldByEnvironment read_held(const config::Configuration& configuration, const sync::RunReport& report) {
  HeldByEnvironment held;
  for (const auto& ended : report.environments) {
    if (ended.outcome != store::Outcome::held) continue;
    for (const auto& environment : configuration.environments) {
      if (environment.rules.name != ended.name) continue;
      held[ended.name] = store::read_held(*store::open_environment(configuration, environment));
    }
  }
  return held;
}

std::string attention_of(const sync::RunReport& report, const HeldByEnvironment& held, const Paint& paint) {
  std::string text;
  for (const auto& environment : report.environments) text += attention(environment, held, paint);
  return text;
}

std::string summary_of(const sync::RunReport& report, const HeldByEnvironment& held, const Paint& paint) {
  // A run that never reached the mirror has no number there.
  auto text = report.run_id == 0 ? std::string() : paint.bold("Run " + std::to_string(report.run_id)) + "\n";
  text += pull_lines(report, paint);
  if (!report.environments.empty()) text += "\n" + environments_table(report, paint);
  // A directory that was not read is the same news for all environments, and told already.
  auto below = report.pull_error.empty() ? attention_of(report, held, paint) : std::string();
  below += why_nothing_changed(report);
  return below.empty() ? text : text + "\n" + below;
}

}  // namespace dvsync::cli
