#pragma once
// An option that takes a whole number. (CLI11's own checks compare as floating point, and say so.)

#include <CLI/App.hpp>
#include <charconv>
#include <cstdint>
#include <string>

namespace dvsync::cli {

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

}  // namespace dvsync::cli
