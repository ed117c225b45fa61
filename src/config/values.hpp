#pragma once
// Converters from YAML scalars to typed values. Each is a `Read<T>(const YAML::Node&)`; what is wrong reads behind the
// key's name.

#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <initializer_list>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "dvsync/core/guid.hpp"
#include "section.hpp"

namespace dvsync::config {

// PostgreSQL's NAMEDATALEN - 1, in bytes; PostgreSQL cuts longer names silently.
inline constexpr std::size_t longest_identifier = 63;

// Any scalar, as it is written; it may be empty.
[[nodiscard]] Read<std::string> constant(const YAML::Node& node);
// Not empty.
[[nodiscard]] Read<std::string> text(const YAML::Node& node);
// true or false, and none of YAML's other twenty spellings.
[[nodiscard]] Read<bool> flag(const YAML::Node& node);
[[nodiscard]] Read<core::Guid> guid(const YAML::Node& node);
// For the end of a message; empty: it is no id that lost or gained a character on the way.
[[nodiscard]] std::string count_of_a_cut_guid(std::string_view text);

struct Count {
  std::int64_t least;
  std::int64_t most;
  [[nodiscard]] Shape shape() const { return {.kind = Shape::Kind::whole_number, .least = least, .most = most}; }
  Read<std::int64_t> operator()(const YAML::Node& node) const;
};

// A number from 0 to 100.
[[nodiscard]] Read<double> percent(const YAML::Node& node);

// 30s, 15m, 24h, 90d, 1h30m: a number never comes without its unit.
struct Duration {
  std::chrono::seconds least;
  std::chrono::seconds most;
  [[nodiscard]] Shape shape() const;
  Read<std::chrono::seconds> operator()(const YAML::Node& node) const;
};

// One of the given words.
[[nodiscard]] Read<std::size_t> index_of(const YAML::Node& node, std::span<const std::string_view> words);
// "a, b or c"
[[nodiscard]] std::string alternatives(std::span<const std::string_view> words);

template <class T>
class OneOf {
 public:
  OneOf(std::initializer_list<std::pair<std::string_view, T>> choices) {
    for (const auto& [word, value] : choices) {
      add(word, value);
    }
  }
  void add(std::string_view word, T value) {
    words_.push_back(word);
    values_.push_back(std::move(value));
  }
  Read<T> operator()(const YAML::Node& node) const {
    const auto index = index_of(node, words_);
    if (!index) return index.error();
    return values_[*index];
  }
  [[nodiscard]] Shape shape() const { return {.words = std::vector<std::string>(words_.begin(), words_.end())}; }
  // Empty: none of them.
  [[nodiscard]] std::string word_for(const T& value) const {
    const auto found = std::ranges::find(values_, value);
    return found == values_.end() ? "" : std::string(words_[static_cast<std::size_t>(found - values_.begin())]);
  }

 private:
  std::vector<std::string_view> words_;
  std::vector<T> values_;
};

// One of the given words, kept as text.
[[nodiscard]] OneOf<std::string> word_of(std::initializer_list<std::string_view> words);

}  // namespace dvsync::config
