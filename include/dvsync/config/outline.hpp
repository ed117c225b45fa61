#pragma once
// What the program reads out of a configuration: every key that its readers ask for, what the key takes, and the value
// in force. The readers themselves write it down while they read, so it cannot differ from what they do.

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "dvsync/config/configuration.hpp"

namespace dvsync::config {

// What a value may be, as far as it stands for itself. What depends on other keys, on files or on the directory is not
// in here.
struct Shape {
  enum class Kind : std::uint8_t { scalar, text, flag, whole_number, number };  // scalar: any value that is no list
  Kind kind = Kind::scalar;
  std::vector<std::string> words = {};  // one of these; empty: any
  std::string pattern = {};             // ECMAScript's, of the whole text; empty: any
  std::int64_t least = 0;               // of numbers
  std::int64_t most = 0;
  bool may_be_empty = false;
  bool secret_file = false;  // the name of a file that dvsync's user alone may read
};

struct Outline {
  enum class Form : std::uint8_t { value, list, section, sections };
  struct Key {
    std::string name;
    std::string of_type = {};  // known beside this value of `type` only; empty: beside any
    Form form = Form::value;
    bool required = false;
    Shape shape = {};                                        // of a value, and of each in a list
    std::optional<std::vector<std::string>> values = {};     // in force; none: there is nothing to say
    std::vector<std::shared_ptr<const Outline>> below = {};  // of a section, and of each in a list of them
  };
  struct OtherKeys {  // that no reader can name beforehand
    Form form = Form::value;
    Shape shape = {};
  };
  std::vector<Key> keys = {};
  std::optional<OtherKeys> others = {};
};

// Of the configuration in a file, with the values in force. Diagnostics as load() has them.
[[nodiscard]] std::variant<Outline, std::vector<Diagnostic>> outline_of(const std::filesystem::path& file);
// Every key of every kind of directory, with the defaults.
[[nodiscard]] Outline every_key();

// As a configuration file. It says what the file says from which it was read, and is in force in any folder.
[[nodiscard]] std::string yaml_of(const Outline& outline);

}  // namespace dvsync::config
