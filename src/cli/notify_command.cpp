// dvsync notify: who is told about alarms, whether that works, and a test message.

#include <algorithm>

#include "command.hpp"
#include "dvsync/service/notify.hpp"
#include "dvsync/store/alarms.hpp"
#include "dvsync/store/open.hpp"
#include "dvsync/sync/engine.hpp"
#include "json.hpp"
#include "listing.hpp"
#include "options.hpp"
#include "terminal/stop_signals.hpp"
#include "words.hpp"

namespace dvsync::cli {
namespace {

std::vector<std::string> names_of(const std::vector<config::NotifyTarget>& targets) {
  std::vector<std::string> names;
  for (const auto& target : targets) names.push_back(target.name);
  return names;
}

boost::json::object json_of(const store::AlarmDeliveries& one) {
  return {{"name", json_text(one.target)},
          {"standing", one.standing},
          {"waiting", one.waiting},
          {"waiting_seconds", json_or_null(one.waiting_for)},
          {"failure", json_text(one.failure)},
          {"delivered_at", json_or_null(one.delivered_at)}};
}

class NotifyCommand : public Command {
 public:
  CLI::App* declare(CLI::App& program) override {
    auto* app = program.add_subcommand("notify", "Who is told about alarms, and whether the messages arrive");
    auto* test = app->add_flag("--test", test_, "Send a test message to all of them, or to those named");
    app->add_option("name", names_, "Places of `notify` in the configuration")->type_name("NAME");
    add_json(*app, json_)->excludes(test);
    return app->footer(
        "Alarms themselves are the daemon's to send (docs/alarms.md).\n"
        "Exit codes: 0 done; 69 a test message could not be delivered.\n"
        "\n"
        "Examples:\n"
        "  dvsync notify               what stands, what waits, and why it waits\n"
        "  dvsync notify --test        a message to everybody, to see it arrive\n"
        "  dvsync notify --test ops    to this place alone");
  }

  int run(const Context& context) override {
    const auto configuration = context.configuration();
    const auto targets = chosen(configuration);
    return test_ ? test(context, targets) : list(context, configuration, targets);
  }

 private:
  [[nodiscard]] std::vector<config::NotifyTarget> chosen(const config::Configuration& configuration) const {
    if (configuration.notify.empty()) throw sync::UsageError("the configuration names nobody in `notify`");
    if (names_.empty()) return configuration.notify;
    std::vector<config::NotifyTarget> targets;
    for (const auto& name : names_) {
      const auto found = std::ranges::find(configuration.notify, name, &config::NotifyTarget::name);
      if (found == configuration.notify.end()) {
        throw sync::UsageError("`" + printable(name) + "` is no place of `notify` in the configuration");
      }
      targets.push_back(*found);
    }
    return targets;
  }

  static int test(const Context& context, const std::vector<config::NotifyTarget>& targets) {
    const StopSignals signals;
    bool all = true;
    for (const auto& target : targets) {
      const auto delivery = service::send_test_message(target, signals.token());
      all = all && delivery.delivered;
      context.out.write(printable(target.name) + ": " +
                        (delivery.delivered ? "delivered" : "not delivered: " + printable(delivery.why)) + "\n");
      context.out.flush();
    }
    return all ? 0 : exit_code_of(sync::FailureCause::unavailable);
  }

  [[nodiscard]] int list(const Context& context, const config::Configuration& configuration,
                         const std::vector<config::NotifyTarget>& targets) const {
    const auto mirror = store::open_mirror(configuration);
    const auto deliveries = store::read_deliveries(*mirror, names_of(targets));
    Listing listing(context.out, json_ ? Format::json : Format::text, "notify", {},
                    {{"NAME"},
                     {"STANDING", Align::right},
                     {"WAITING", Align::right},
                     {"SINCE"},
                     {"LAST DELIVERED"},
                     {"WHY IT WAITS", Align::left, Fit::fold}});
    for (const auto& one : deliveries) {
      listing.add(json_of(one), [&one] {
        return std::vector<Cell>{{printable(one.target)},
                                 {std::to_string(one.standing)},
                                 {std::to_string(one.waiting), one.waiting == 0 ? Tint::none : Tint::attention},
                                 {one.waiting_for ? format_age(*one.waiting_for) : ""},
                                 {one.delivered_at ? local_time(*one.delivered_at) : ""},
                                 {printable(one.failure)}};
      });
    }
    listing.end();
    return 0;
  }

  bool test_ = false;
  bool json_ = false;
  std::vector<std::string> names_;
};

}  // namespace

std::unique_ptr<Command> make_notify_command() { return std::make_unique<NotifyCommand>(); }

}  // namespace dvsync::cli
