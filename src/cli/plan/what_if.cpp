#include "plan/what_if.hpp"

#include <sysexits.h>

#include <algorithm>

#include "changes.hpp"
#include "dvsync/sync/what_if.hpp"
#include "json.hpp"
#include "person.hpp"
#include "plan/plan_sections.hpp"
#include "terminal/stop_signals.hpp"
#include "words.hpp"

namespace dvsync::cli {
namespace {

std::string gain_and_loss(std::int64_t gain, std::int64_t lose) {
  if (gain == 0 && lose == 0) return "nobody would gain or lose access";
  return std::to_string(gain) + " would gain access, " + std::to_string(lose) + " would lose it";
}

std::string in_words(const sync::Access& access) {
  return std::string(core::name_of(access.decision)) + " (" + std::string(core::code_of(access.reason)) + ")";
}

// Counts first, then names; however many there are.
class WhatIfText : public sync::WhatIfObserver {
 public:
  explicit WhatIfText(Output& out) : out_(out), paint_(out.paint()) {}

  void differs(const sync::AccessChange& user) override {
    (user.then.access ? gains_ : losses_)
        .add("  " + sign_of(user.then.access ? "enable" : "disable", paint_) + " " +
             paint_.bold(printable(user.user.value_or("(no user name)"))) + "  " + in_words(user.then) + ", now " +
             in_words(user.now) + "  " + paint_.faint(core::to_string(user.object_id)) + "\n");
  }
  void ends(const sync::WhatIfEnvironment& environment) override {
    const auto name = paint_.bold(environment.name);
    if (!environment.error.empty()) {
      out_.write(name + ": " + paint_.red("failed:") + " " + printable(environment.error) + "\n");
      gains_ = {};
      losses_ = {};
      return;
    }
    if (!environment.note.empty()) {
      out_.write(name + ": not compared: " + environment.note + "\n");
      return;
    }
    out_.write(name + ": " + gain_and_loss(environment.gain, environment.lose) + "\n");
    losses_.pour_into(out_);
    gains_.pour_into(out_);
    for (const auto& sum : environment.held_because) {
      out_.write("  " + paint_.red("the guard would hold them:") + " " + sum + "\n");
    }
    for (const auto& missing : environment.missing) {
      out_.write("  " + paint_.yellow("missing:") + " " + printable(missing) + "\n");
    }
  }

 private:
  Output& out_;
  const Paint& paint_;
  Spool gains_;
  Spool losses_;
};

class WhatIfJson : public sync::WhatIfObserver {
 public:
  explicit WhatIfJson(Output& out) : out_(out) { out_.write(R"({"environments":[)"); }

  void differs(const sync::AccessChange& user) override {
    auto& spool = user.then.access ? gains_ : losses_;
    spool.add((spool.items() > 0 ? "," : "") +
              boost::json::serialize(boost::json::object{{"object_id", core::to_string(user.object_id)},
                                                         {"domainname", json_or_null(user.user)},
                                                         {"decision", core::name_of(user.then.decision)},
                                                         {"reason", core::code_of(user.then.reason)},
                                                         {"decision_now", core::name_of(user.now.decision)},
                                                         {"reason_now", core::code_of(user.now.reason)}}));
  }
  void ends(const sync::WhatIfEnvironment& environment) override {
    if (std::exchange(begun_, true)) out_.write(",");
    out_.write(R"({"gains":[)");
    gains_.pour_into(out_);
    out_.write(R"(],"losses":[)");
    losses_.pour_into(out_);
    const auto rest = boost::json::serialize(boost::json::object{{"name", environment.name},
                                                                 {"gain", environment.gain},
                                                                 {"lose", environment.lose},
                                                                 {"note", json_text(environment.note)},
                                                                 {"held_because", json_of(environment.held_because)},
                                                                 {"missing", json_of(environment.missing)},
                                                                 {"error", json_text(environment.error)}});
    out_.write("]," + rest.substr(1));
  }
  void end() { out_.write("]}\n"); }

 private:
  Output& out_;
  Spool gains_;
  Spool losses_;
  bool begun_ = false;
};

int exit_code_of(const std::vector<sync::WhatIfEnvironment>& environments) {
  std::int64_t failed = 0;
  auto worst = sync::FailureCause::none;
  bool incomplete = false;
  for (const auto& environment : environments) {
    failed += environment.error.empty() ? 0 : 1;
    worst = std::max(worst, environment.cause);
    incomplete = incomplete || !environment.missing.empty();
  }
  if (failed > 0) {
    return failed == static_cast<std::int64_t>(environments.size()) ? sync::exit_code_of(worst) : EX_UNAVAILABLE;
  }
  return incomplete ? EX_TEMPFAIL : 0;
}

std::vector<core::Guid> users_named(const Context& context, const config::Configuration& configuration,
                                    const WhatIfOptions& asked, bool json) {
  std::vector<core::Guid> users;
  for (const auto& word : asked.users) {
    const auto person = person_named(context, configuration, sync::chosen(configuration, {}), word, json);
    if (!person.object_id) throw sync::UsageError("nobody of the directory stands behind the row " + printable(word));
    users.push_back(*person.object_id);
  }
  return users;
}

}  // namespace

void WhatIfOptions::add_to(CLI::App& app, const std::vector<CLI::Option*>& others) {
  const std::vector<CLI::Option*> all{
      app.add_option("--what-if", configuration_file,
                     "Who would gain or lose access under this configuration, with the mirror as it is")
          ->type_name("FILE"),
      app.add_option("--without-group", groups, "… if nobody were in this group; may be repeated")
          ->type_name("GROUP")
          ->allow_extra_args(false)
          ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll),
      app.add_option("--without-user", users, "… if the directory had this user no more; may be repeated")
          ->type_name("USER")
          ->allow_extra_args(false)
          ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll)};
  for (auto* one : all) {
    for (auto* other : others) one->excludes(other);
  }
}

int tell_what_if(const Context& context, const WhatIfOptions& asked, const std::vector<std::string>& environments,
                 bool json) {
  const auto present = context.configuration();
  std::optional<config::Configuration> other;
  if (asked.configuration_file) other = Context{asked.configuration_file, context.out, context.err}.configuration();
  const StopSignals signals;
  const sync::WhatIf question{.configuration = other ? &*other : nullptr,
                              .without_groups = asked.groups,
                              .without_users = users_named(context, present, asked, json)};
  if (json) {
    WhatIfJson printer(context.out);
    const auto reports = sync::what_if(present, question, environments, printer, signals.token());
    printer.end();
    return exit_code_of(reports);
  }
  WhatIfText printer(context.out);
  const auto reports = sync::what_if(present, question, environments, printer, signals.token());
  std::int64_t gain = 0;
  std::int64_t lose = 0;
  for (const auto& environment : reports) {
    gain += environment.gain;
    lose += environment.lose;
  }
  const bool whole = std::all_of(reports.begin(), reports.end(), [](const auto& one) { return one.error.empty(); });
  context.out.write("\n" + context.out.paint().bold("What if: ") + gain_and_loss(gain, lose) +
                    (whole ? "" : ", not counting what could not be looked at") + ".\n");
  return exit_code_of(reports);
}

}  // namespace dvsync::cli
