#pragma once
// An option that takes one of a few words. (CLI11's own transformer would also take the enumerators' numbers, and show
// them to people.)

#include <CLI/App.hpp>
#include <string>
#include <utility>
#include <vector>

namespace dvsync::cli {

template <class Value>
CLI::Option* add_choice(CLI::App& app, const std::string& name, Value& value, const std::string& description,
                        std::vector<std::pair<std::string, Value>> choices) {
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
  return app.add_option_function<std::string>(name, choose, description);
}

}  // namespace dvsync::cli
