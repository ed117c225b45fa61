#pragma once
// Options that several commands share.

#include <CLI/CLI.hpp>
#include <charconv>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "command.hpp"
#include "dvsync/sync/engine.hpp"

namespace dvsync::cli {

// Keeps the words that an option takes with the option, for completion.
CLI::Option* with_words(CLI::Option* option, const std::vector<std::string>& words);
[[nodiscard]] std::vector<std::string> choices_of(const CLI::Option& option);

// An option that takes one of a few words. CLI11's own transformer would also take the enumerators' numbers, and show
// them to people.
template <class Value>
CLI::Option* add_choice(CLI::App& app, const std::string& name, Value& value, const std::string& description,
                        std::vector<std::pair<std::string, Value>> choices) {
  std::vector<std::string> words;
  for (const auto& [word, meaning] : choices) words.push_back(word);
  const auto choose = [name, &value, choices = std::move(choices)](const std::string& word) {
    std::string known;
    for (const auto& [choice, meaning] : choices) {
      if (choice == word) {
        value = meaning;
        return;
      }
      known += (known.empty() ? "" : ", ") + choice;
    }
    throw CLI::ValidationError(name, "`" + word + "` is none of " + known);
  };
  return with_words(app.add_option_function<std::string>(name, choose, description), words);
}

// An option that takes a whole number. CLI11's own checks compare as floating point, and say so.
// `label` is what an error calls the option. `Number`: std::int64_t, or an optional one.
template <class Number>
CLI::Option* add_number(CLI::App& app, const std::string& name, const std::string& label, Number& number,
                        std::int64_t least, const std::string& description) {
  const auto read = [label, &number, least](const std::string& text) {
    std::int64_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc() || end != text.data() + text.size() || value < least) {
      throw CLI::ValidationError(label, "`" + text + "` is not a whole number from " + std::to_string(least) + " on");
    }
    number = value;
  };
  return app.add_option_function<std::string>(name, read, description);
}

// --environment, any number of them.
void add_environments(CLI::App& app, std::vector<std::string>& environments);
// --json
CLI::Option* add_json(CLI::App& app, bool& json);
// --comment, for the log
void add_comment(CLI::App& app, std::string& comment);
// An option that may be repeated, and takes one of a few words each time.
CLI::Option* add_words(CLI::App& app, const std::string& name, std::vector<std::string>& words,
                       const std::vector<std::string>& known, const std::string& description);

// Who runs this command, for the log: the operating system's name of the user, or the number of one without a name.
[[nodiscard]] std::string requester();

// Of a command that works under the lease, and then tells: --no-wait, --json.
class ForegroundOptions {
 public:
  void add_to(CLI::App& app);
  [[nodiscard]] bool waits() const { return !no_wait_; }
  [[nodiscard]] bool json() const { return json_; }

 private:
  bool no_wait_ = false;
  bool json_ = false;
};

// What `sync` and `plan` look at: --full, --environment, --user.
struct Selection {
  bool full = false;
  std::vector<std::string> environments;
  std::optional<std::string> user;

  // Returns --full and --user.
  std::vector<CLI::Option*> add_to(CLI::App& app);
  [[nodiscard]] sync::RunRequest request(std::string command) const;
};

}  // namespace dvsync::cli
