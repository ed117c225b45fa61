#pragma once
// Converters, as what reads a value of the configuration: `Read<T>(const YAML::Node&)`. What they take, and how a value
// would be written that they gave.

#include <yaml-cpp/yaml.h>

#include <chrono>
#include <concepts>
#include <filesystem>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "dvsync/config/outline.hpp"
#include "dvsync/core/guid.hpp"
#include "dvsync/result.hpp"

namespace dvsync::config {

// What is wrong with a value, to be read behind the key's name: "must be …", "needs …".
class Wrong {
 public:
  Wrong() = default;  // result<> wants it
  [[nodiscard]] const std::string& message() const { return message_; }
  friend Wrong wrong(std::string message);

 private:
  // Not public: a Read<std::string> could not tell a value from an error otherwise.
  explicit Wrong(std::string message) : message_(std::move(message)) {}
  std::string message_;
};
inline Wrong wrong(std::string message) { return Wrong(std::move(message)); }

template <class T>
using Read = Result<T, Wrong>;

[[nodiscard]] Shape guid_shape();

// What the converter says itself, else what its type says.
template <class Convert>
[[nodiscard]] Shape shape_of(const Convert& convert) {
  using Value = typename std::invoke_result_t<const Convert&, const YAML::Node&>::value_type;
  if constexpr (requires { convert.shape(); }) return convert.shape();
  if constexpr (std::same_as<Value, bool>) return {.kind = Shape::Kind::flag};
  if constexpr (std::same_as<Value, double>) return {.kind = Shape::Kind::number, .least = 0, .most = 100};
  if constexpr (std::same_as<Value, core::Guid>) return guid_shape();
  return {};
}

[[nodiscard]] std::string written(bool value);
[[nodiscard]] std::string written(std::int64_t value);
[[nodiscard]] std::string written(double value);
[[nodiscard]] std::string written(std::chrono::seconds value);
[[nodiscard]] std::string written(const core::Guid& value);
[[nodiscard]] inline std::string written(const std::string& value) { return value; }
[[nodiscard]] inline std::string written(const std::filesystem::path& value) { return value.string(); }

// One text, or none where there is nothing to say. A converter of words has one for each of its values, and none for
// others.
template <class Convert, class T>
[[nodiscard]] std::vector<std::string> written_values(const Convert& convert, const T& value) {
  std::string text;
  if constexpr (requires { convert.word_for(value); }) {
    text = convert.word_for(value);
  } else {
    text = written(value);
  }
  return text.empty() ? std::vector<std::string>{} : std::vector{std::move(text)};
}
template <class Convert, class T>
[[nodiscard]] std::vector<std::string> written_values(const Convert& convert, const std::optional<T>& value) {
  return value ? written_values(convert, *value) : std::vector<std::string>{};
}

}  // namespace dvsync::config
