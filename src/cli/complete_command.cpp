// dvsync complete: what may stand next on a command line. The shells ask it (completions/), and so know every option,
// and the environments, runs and users that there are.

#include <algorithm>
#include <cstdlib>
#include <utility>

#include "command.hpp"
#include "dvsync/core/reason.hpp"
#include "dvsync/core/text.hpp"
#include "dvsync/store/log_reader.hpp"
#include "dvsync/store/open.hpp"
#include "options.hpp"
#include "usage.hpp"
#include "words.hpp"

namespace dvsync::cli {
namespace {

using Words = std::vector<std::string>;

constexpr std::int64_t most_runs = 20;
constexpr std::int64_t most_changes = 200;

// Where a command line has got to.
struct CommandLinePlace {
  const CLI::App* command = nullptr;
  const CLI::Option* value_of = nullptr;  // the option of which the value comes next
  std::size_t positionals = 0;            // that stand there already
  bool helps = false;                     // `dvsync help …`: only commands may follow
  std::optional<std::string> configuration;
};

const CLI::Option* option_named(const CLI::App* command, const std::string& name) {
  for (; command != nullptr; command = command->get_parent()) {
    if (const auto* option = command->get_option_no_throw(name)) return option;
  }
  return nullptr;
}

void go_on(CommandLinePlace& place, const std::string& word) {
  if (place.value_of != nullptr) {
    if (place.value_of->check_lname("config")) place.configuration = word;
    place.value_of = nullptr;
  } else if (word.starts_with('-')) {
    const auto* option = option_named(place.command, word);
    if (option != nullptr && option->get_items_expected_max() > 0) place.value_of = option;
  } else if (const auto* next = command_named(*place.command, word); next != nullptr && place.positionals == 0) {
    if (next->get_name() == "help") {
      place.helps = true;
    } else {
      place.command = next;
    }
  } else {
    ++place.positionals;
  }
}

// Answers nothing where a server does not: nobody waits for a completion.
class Candidates {
 public:
  explicit Candidates(std::optional<config::Configuration> configuration) : configuration_(std::move(configuration)) {}

  [[nodiscard]] Words at(const CommandLinePlace& place, const std::string& word) const {
    if (place.value_of != nullptr) return values_of(*place.value_of);
    if (place.helps) return commands_of(*place.command);
    if (word.starts_with('-')) return options_of(place.command);
    auto words = place.positionals == 0 ? commands_of(*place.command) : Words{};
    const auto positional =
        place.command->get_options([](const CLI::Option* option) { return option->get_positional(); });
    if (!positional.empty()) {
      const auto values = values_of(*positional[std::min(place.positionals, positional.size() - 1)]);
      words.insert(words.end(), values.begin(), values.end());
    }
    return words;
  }

 private:
  static Words commands_of(const CLI::App& command) {
    Words names;
    for (const auto* one : command.get_subcommands(nullptr)) {
      if (!one->get_group().empty()) names.push_back(one->get_name());
    }
    return names;
  }

  static Words options_of(const CLI::App* command) {
    Words names;
    for (; command != nullptr; command = command->get_parent()) {
      for (const auto* option : command->get_options()) {
        for (const auto& name : option->get_lnames()) names.push_back("--" + name);
      }
    }
    std::ranges::sort(names);
    names.erase(std::unique(names.begin(), names.end()), names.end());
    return names;
  }

  [[nodiscard]] Words values_of(const CLI::Option& option) const {
    if (auto words = choices_of(option); !words.empty()) return words;
    const auto kind = option.get_type_name();
    if (option.check_lname("environment")) return environments();
    if (kind == "RUN" || option.check_lname("run")) return runs();
    if (kind == "USER") return users();
    if (kind == "CODE") return {core::reason_codes.begin(), core::reason_codes.end()};
    return {};
  }

  [[nodiscard]] Words environments() const {
    Words names;
    if (!configuration_) return names;
    for (const auto& environment : configuration_->environments) names.push_back(environment.rules.name);
    return names;
  }

  // Newest first.
  [[nodiscard]] Words runs() const {
    return read([](store::LogReader& log) {
      Words ids;
      for (const auto& run : log.runs({.limit = most_runs})) ids.push_back(std::to_string(run.run_id));
      return ids;
    });
  }
  [[nodiscard]] Words users() const {
    return read([](store::LogReader& log) {
      Words names;
      for (const auto& change : log.newest_changes({.limit = most_changes})) {
        if (!change.domainname.empty()) names.push_back(change.domainname);
      }
      return names;
    });
  }

  // Of every log that can be read, what is asked of it (oldest first): newest first, each once.
  template <class Ask>
  [[nodiscard]] Words read(const Ask& ask) const {
    Words all;
    if (!configuration_) return all;
    for (const auto& environment : configuration_->environments) {
      if (environment.rules.type == core::EnvironmentType::none) continue;
      try {
        const auto session = store::open_environment(*configuration_, environment);
        store::LogReader log(*session, environment.rules.name);
        auto some = ask(log);
        std::ranges::reverse(some);
        for (auto& word : some) {
          if (std::ranges::find(all, word) == all.end()) all.push_back(std::move(word));
        }
      } catch (const Error&) {
        continue;
      }
    }
    return all;
  }

  std::optional<config::Configuration> configuration_;
};

class CompleteCommand : public Command {
 public:
  CLI::App* declare(CLI::App& program) override {
    program_ = &program;
    auto* app = program.add_subcommand("complete", "What may stand next on a command line; for the shells");
    app->add_option("words", words_, "The words behind `dvsync`, up to the one that is to be completed");
    return app->group("")->footer("Example:\n  dvsync complete -- log --environment \"\"");
  }

  int run(const Context& context) override {
    setenv("PGCONNECT_TIMEOUT", "2", 0);
    const std::string word = words_.empty() ? "" : words_.back();
    CommandLinePlace place{.command = program_, .configuration = context.configuration_file};
    for (std::size_t i = 0; i + 1 < words_.size(); ++i) go_on(place, words_[i]);
    const Candidates candidates(configuration_of(Context{place.configuration, context.out, context.err}));
    for (const auto& candidate : candidates.at(place, word)) {
      if (core::ascii_lower(candidate).starts_with(core::ascii_lower(word))) {
        context.out.write(printable(candidate) + "\n");
      }
    }
    return 0;
  }

 private:
  static std::optional<config::Configuration> configuration_of(const Context& context) {
    try {
      return context.configuration();
    } catch (const InvalidConfiguration&) {
      return std::nullopt;
    }
  }

  const CLI::App* program_ = nullptr;
  Words words_;
};

}  // namespace

std::unique_ptr<Command> make_complete_command() { return std::make_unique<CompleteCommand>(); }

}  // namespace dvsync::cli
