// dvsync check: is everything as it must be? All problems at once.

#include <sysexits.h>

#include <algorithm>

#include "command.hpp"
#include "dvsync/source/open_directory.hpp"
#include "dvsync/store/open.hpp"
#include "dvsync/store/schema.hpp"
#include "dvsync/sync/pull.hpp"
#include "errors.hpp"
#include "terminal/table.hpp"

namespace dvsync::cli {
namespace {

// The lines, as they come; and the code that the worst of them asks for.
class Findings {
 public:
  explicit Findings(const Context& context) : context_(context) {}

  void good(const std::string& message) { line("ok", "✓", message, Tint::good); }
  void worth_knowing(const std::string& message) { line("note", "·", message, Tint::none); }
  void bad(const std::string& message, int code) {
    line("ERROR", "✗", message, Tint::bad);
    // What is wrong for good (77, 78) comes before what may pass by itself (69).
    exit_code_ = std::max(exit_code_, code);
  }
  [[nodiscard]] int exit_code() const { return exit_code_; }

 private:
  void line(const char* word, const char* mark, const std::string& message, Tint tint) {
    auto& out = context_.out;
    out.write(tinted(out.paint(), tint, out.terminal() ? mark : word) + (out.terminal() ? " " : ": ") + message + "\n");
    out.flush();
  }
  const Context& context_;
  int exit_code_ = 0;
};

// Whatever `examine` throws becomes a finding.
template <class Examine>
void find(Findings& findings, const std::string& place, const Examine& examine) {
  try {
    examine();
  } catch (const Error& error) {
    const std::string message = error.what();
    const bool named = message.find(place) != std::string::npos;
    findings.bad((named ? "" : place + ": ") + message, failure_of(error, Paint()).exit_code);
  }
}

void tell(Findings& findings, const std::string& place, const std::vector<store::Obstacle>& obstacles) {
  for (const auto& obstacle : obstacles) {
    findings.bad(place + ": " + obstacle.what, obstacle.is_right ? EX_NOPERM : EX_CONFIG);
  }
}

void check_environment(const config::Configuration& configuration, const config::Environment& environment,
                       Findings& findings) {
  const auto place = "environment " + environment.rules.name;
  if (environment.rules.type == core::EnvironmentType::none) {
    findings.good(place + ": type none: there is no database to keep in line");
    return;
  }
  find(findings, place, [&] {
    const auto session = store::open_environment(configuration, environment);
    const auto obstacles =
        store::find_obstacles(*session, environment.create_values, environment.business_unit.has_value());
    tell(findings, place, obstacles);
    if (obstacles.empty()) findings.good(place + ": schema " + environment.schema + " is as it must be");
  });
}

void check_directory(const config::Configuration& configuration, Findings& findings) {
  find(findings, "the directory", [&] {
    const auto source = source::open_directory(configuration);
    bool usable = true;
    for (const auto& finding : source->check(sync::request_for(configuration))) {
      usable = usable && !finding.error;
      if (finding.error) {
        findings.bad("the directory: " + finding.message, EX_UNAVAILABLE);
      } else {
        findings.worth_knowing("the directory: " + finding.message);
      }
    }
    if (usable) findings.good("the directory " + source->directory() + " can be read");
  });
}

class CheckCommand : public Command {
 public:
  CLI::App* declare(CLI::App& program) override {
    auto* app = program.add_subcommand("check", "Check the configuration, connections, rights and schemas");
    app->add_flag("--offline", offline_, "The configuration alone: connect to nothing");
    return app->footer(
        "Examples:\n"
        "  dvsync check\n"
        "  dvsync --config new.yaml check --offline    before a reload\n"
        "\n"
        "Changes nothing. Exit codes: 0 all is well; 78 configuration or schema; 77 no permission; 69 out of reach.");
  }

  int run(const Context& context) override {
    const auto configuration = context.configuration();
    Findings findings(context);
    findings.good("configuration " + configuration.file.string());
    if (offline_) return 0;
    find(findings, "the mirror", [&] {
      const auto mirror = store::open_mirror(configuration);
      const auto obstacles = store::find_obstacles(*mirror);
      tell(findings, "the mirror", obstacles);
      if (!obstacles.empty()) return;
      findings.good("the mirror: schema " + configuration.database.mirror_schema + " is as it must be");
    });
    for (const auto& environment : configuration.environments) check_environment(configuration, environment, findings);
    check_directory(configuration, findings);
    return findings.exit_code();
  }

 private:
  bool offline_ = false;
};

}  // namespace

std::unique_ptr<Command> make_check_command() { return std::make_unique<CheckCommand>(); }

}  // namespace dvsync::cli
