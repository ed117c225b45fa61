#pragma once
// Reading one mapping of the configuration strictly. Every key that is asked for is a known key; close() reports the
// others. yaml-cpp 0.7 itself accepts duplicate keys (the first wins) and forgets where a missing one belonged.

#include <yaml-cpp/yaml.h>

#include <concepts>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "dvsync/result.hpp"
#include "report.hpp"

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

class Section {
 public:
  struct Entry {
    std::string key;
    Position key_at;
    YAML::Node value;
    Position at;
  };

  // `at` is where the section begins: missing keys are reported there. `name` is the section's in messages; empty for
  // the whole file. A node that is null has no keys.
  Section(Report& report, const YAML::Node& node, std::string name, Position at);

  // The value of a key, through a converter `Read<T>(const YAML::Node&)`. True: it is there and right, and `target` is
  // set. Whatever is wrong is reported.
  template <class T, class Convert>
  bool optional(std::string_view key, T& target, const Convert& convert) {
    const auto* entry = ask(key);
    return entry != nullptr && take(key, *entry, target, convert);
  }
  template <class T, class Convert>
  bool required(std::string_view key, T& target, const Convert& convert) {
    const auto* entry = ask(key);
    if (entry == nullptr) {
      missing(key);
    }
    return entry != nullptr && take(key, *entry, target, convert);
  }
  // The same for a list; what is wrong is reported for each element.
  template <class T, class Convert>
  bool optional_list(std::string_view key, std::vector<T>& target, const Convert& convert) {
    const auto* entry = ask(key);
    return entry != nullptr && take_list(key, *entry, target, convert);
  }
  template <class T, class Convert>
  bool required_list(std::string_view key, std::vector<T>& target, const Convert& convert) {
    const auto* entry = ask(key);
    if (entry == nullptr) {
      missing(key);
    }
    return entry != nullptr && take_list(key, *entry, target, convert);
  }

  // A mapping, or a list of mappings, below this one; without keys where it is not there.
  [[nodiscard]] Section child(std::string_view key);
  [[nodiscard]] std::optional<Section> required_child(std::string_view key);
  [[nodiscard]] std::vector<Section> required_children(std::string_view key);

  [[nodiscard]] bool has(std::string_view key) const { return find(key) != nullptr; }
  [[nodiscard]] const std::vector<Entry>& entries() const { return entries_; }
  [[nodiscard]] std::size_t line_of(std::string_view key) const;

  // Reports at the key, at its value, at an element of its list, or at the section.
  void reject_key(std::string_view key, std::string message);
  void reject_value(std::string_view key, std::string message);
  void reject_element(std::string_view key, std::size_t index, std::string message);
  void reject(std::string message);
  void missing(std::string_view key);

  // The keys that `read` asks for become known, nothing is judged: for a section of which the kind is not known.
  template <std::invocable Reader>
  void learn_keys(const Reader& read) {
    const bool was = std::exchange(quiet_, true);
    read();
    quiet_ = was;
  }

  // Reports the keys that nobody asked for.
  void close();

 private:
  [[nodiscard]] const Entry* find(std::string_view key) const;
  const Entry* ask(std::string_view key);
  [[nodiscard]] bool is_list(std::string_view key, const Entry& entry);
  void add(Position at, std::string message);
  void add_entries(const YAML::Node& node);

  template <class T, class Convert>
  bool take(std::string_view key, const Entry& entry, T& target, const Convert& convert) {
    auto value = convert(entry.value);
    if (!value) {
      add(entry.at, "`" + std::string(key) + "` " + value.error().message());
      return false;
    }
    target = *std::move(value);
    return true;
  }
  template <class T, class Convert>
  bool take_list(std::string_view key, const Entry& entry, std::vector<T>& target, const Convert& convert) {
    if (!is_list(key, entry)) return false;
    bool right = true;
    std::vector<T> values;
    for (std::size_t i = 0; i < entry.value.size(); ++i) {
      auto value = convert(entry.value[i]);
      if (value) {
        values.push_back(*std::move(value));
      } else {
        reject_element(key, i, value.error().message());
        right = false;
      }
    }
    target = std::move(values);
    return right;
  }

  Report* report_;
  std::string name_;
  Position at_;
  std::vector<Entry> entries_;
  std::vector<std::string> known_;
  bool quiet_ = false;
  bool unreadable_ = false;  // not a mapping: reported once, its keys are not missed
};

}  // namespace dvsync::config
