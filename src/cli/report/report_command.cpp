// dvsync report: lists for those who ask, out of the mirror, the rows and the log. Each is a command of its own below
// this one.

#include "options.hpp"
#include "report/report_options.hpp"
#include "words.hpp"

namespace dvsync::cli {
namespace {

std::vector<std::unique_ptr<Command>> all_reports() {
  std::vector<std::unique_ptr<Command>> reports;
  reports.push_back(make_users_report());
  reports.push_back(make_kept_out_report());
  reports.push_back(make_administrators_report());
  reports.push_back(make_group_report());
  reports.push_back(make_leavers_report());
  reports.push_back(make_changes_report());
  reports.push_back(make_lag_report());
  reports.push_back(make_rejected_report());
  return reports;
}

class ReportCommand : public Command {
 public:
  CLI::App* declare(CLI::App& program) override {
    auto* app = program.add_subcommand("report", "Lists of users, of who is kept out, of administrators, changes, lag");
    app->require_subcommand(1);
    for (const auto& report : reports_) declared_.push_back(report->declare(*app));
    return app->footer(
        "Answers from the mirror, the rows and the log; asks no directory, changes nothing.\n"
        "\n"
        "Examples:\n"
        "  dvsync report users --csv                      everybody who has a row\n"
        "  dvsync report kept-out --reason no_license     whom the lack of a licence keeps out\n"
        "  dvsync report leavers --older-than 90d         who has been disabled for three months\n"
        "  dvsync report changes --month 2026-03 --csv    what the auditor asks for");
  }

  int run(const Context& context) override {
    for (std::size_t i = 0; i < declared_.size(); ++i) {
      if (declared_[i]->parsed()) return reports_[i]->run(context);
    }
    return 0;  // CLI11 demands one
  }

 private:
  std::vector<std::unique_ptr<Command>> reports_ = all_reports();
  std::vector<CLI::App*> declared_;
};

}  // namespace

std::unique_ptr<Command> make_report_command() { return std::make_unique<ReportCommand>(); }

void ReportOptions::add_to(CLI::App& app) {
  add_environments(app, environments);
  auto* as_json = add_json(app, json);
  app.add_flag("--csv", csv, "Print comma separated values, with a heading")->excludes(as_json);
}

Cell name_cell(std::string_view name) {
  if (name.empty()) return {"(no name)", Tint::faint};
  return {printable(name)};
}

Cell time_cell(const std::optional<core::Timestamp>& time) { return {time ? local_time(*time) : ""}; }

Cell yes_or_no(const std::optional<bool>& value) {
  if (!value) return {"unknown", Tint::attention};
  return {*value ? "yes" : "no", *value ? Tint::none : Tint::faint};
}

Cell state_cell(bool disabled, std::string_view reason) {
  if (!disabled) return {"enabled", Tint::good};
  return {reason.empty() ? "disabled" : printable(reason), Tint::bad};
}

std::string tally_of(const std::vector<std::pair<std::string, std::int64_t>>& counts) {
  std::string text;
  for (const auto& [what, number] : counts) {
    if (number != 0) text += (text.empty() ? "" : ", ") + std::to_string(number) + " " + what;
  }
  return text;
}

}  // namespace dvsync::cli
