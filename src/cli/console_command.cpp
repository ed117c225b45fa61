// dvsync console: the bearer tokens of the daemon's HTTP address.

#include "command.hpp"
#include "dvsync/console/tokens.hpp"
#include "dvsync/sync/engine.hpp"
#include "json.hpp"
#include "listing.hpp"
#include "options.hpp"
#include "words.hpp"

namespace dvsync::cli {
namespace {

const std::filesystem::path& tokens_file(const config::Configuration& configuration) {
  if (!configuration.console || !configuration.console->tokens_file) {
    throw sync::UsageError("the configuration names no `tokens_file` in `console`");
  }
  return *configuration.console->tokens_file;
}

class ConsoleTokenCommand {
 public:
  CLI::App* declare(CLI::App& console) {
    app_ = console.add_subcommand("token", "Make a bearer token for somebody, or take theirs away");
    app_->add_option("name", name_, "Whose it is, as the logs shall call them")->type_name("NAME")->required();
    add_choice<console::Role>(*app_, "--role", role_, "viewer (default) or operator: who may act",
                              {{"viewer", console::Role::viewer}, {"operator", console::Role::operating}})
        ->type_name("ROLE");
    app_->add_flag("--revoke", revoke_, "Take the token away instead; the daemon knows at once")->excludes("--role");
    return app_->footer(
        "The token is printed, once, and kept nowhere: the file has its hash. A new one takes the place of the old.\n"
        "The file belongs to the daemon's user: run it as that user, or as root.\n"
        "\n"
        "Examples:\n"
        "  dvsync console token grafana\n"
        "  dvsync console token ana --role operator\n"
        "  dvsync console token ana --revoke");
  }
  [[nodiscard]] bool parsed() const { return app_->parsed(); }

  int run(const Context& context) const {
    const auto configuration = context.configuration();
    const auto& file = tokens_file(configuration);
    if (!console::is_token_name(name_)) {
      throw sync::UsageError("a name has letters, digits, and . _ @ - only: " + printable(name_));
    }
    if (!revoke_) {
      context.out.write(console::add_token(file, name_, role_) + "\n");
      return 0;
    }
    if (!console::remove_token(file, name_)) throw sync::UsageError("nobody of the name " + name_ + " has a token");
    context.out.write(name_ + " has no token any more\n");
    return 0;
  }

 private:
  CLI::App* app_ = nullptr;
  std::string name_;
  console::Role role_ = console::Role::viewer;
  bool revoke_ = false;
};

class ConsoleTokensCommand {
 public:
  CLI::App* declare(CLI::App& console) {
    app_ = console.add_subcommand("tokens", "Who has a token");
    add_json(*app_, json_);
    return app_;
  }
  [[nodiscard]] bool parsed() const { return app_->parsed(); }

  int run(const Context& context) const {
    const auto holders = console::read_tokens(tokens_file(context.configuration()));
    Listing listing(context.out, json_ ? Format::json : Format::text, "tokens", {}, {{"NAME"}, {"ROLE"}});
    for (const auto& holder : holders) {
      listing.add({{"name", holder.name}, {"role", console::name_of(holder.role)}}, [&holder] {
        return std::vector<Cell>{{holder.name}, {std::string(console::name_of(holder.role))}};
      });
    }
    listing.end();
    return 0;
  }

 private:
  CLI::App* app_ = nullptr;
  bool json_ = false;
};

class ConsoleCommand : public Command {
 public:
  CLI::App* declare(CLI::App& program) override {
    auto* app = program.add_subcommand("console", "Who may use the daemon's HTTP address (docs/console.md)");
    app->require_subcommand(1);
    token_.declare(*app);
    tokens_.declare(*app);
    return app->footer(
        "The Unix socket needs no tokens: there the system says who asks.\n"
        "\n"
        "Examples:\n"
        "  dvsync console token ana --role operator\n"
        "  dvsync console tokens");
  }
  int run(const Context& context) override { return token_.parsed() ? token_.run(context) : tokens_.run(context); }

 private:
  ConsoleTokenCommand token_;
  ConsoleTokensCommand tokens_;
};

}  // namespace

std::unique_ptr<Command> make_console_command() { return std::make_unique<ConsoleCommand>(); }

}  // namespace dvsync::cli
