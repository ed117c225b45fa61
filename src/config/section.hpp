#pragma once
// Reading one mapping of the configuration strictly. Every key that is asked for is a known key, and is written down in
// the section's outline; close() reports the others. yaml-cpp 0.7 itself accepts duplicate keys (the first wins) and
// forgets where a missing one belonged.

#include <yaml-cpp/yaml.h>

#include <concepts>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "dvsync/config/outline.hpp"
#include "report.hpp"
#include "shape.hpp"

namespace dvsync::config {

class Section {
 public:
  // A section without an end: nothing is in it, nothing is missed, and every reader goes everywhere that it could go.
  static Section of_everything(Report& report);

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
    return read_value(key, target, convert, false);
  }
  template <class T, class Convert>
  bool required(std::string_view key, T& target, const Convert& convert) {
    if (!has(key)) missing(key);
    return read_value(key, target, convert, true);
  }
  // What is needed depends on other keys.
  template <class T, class Convert>
  bool required_if(bool needed, std::string_view key, T& target, const Convert& convert) {
    if (needed && !has(key)) missing(key);
    return read_value(key, target, convert, false);
  }
  // The same for a list; what is wrong is reported for each element.
  template <class T, class Convert>
  bool optional_list(std::string_view key, std::vector<T>& target, const Convert& convert) {
    return read_list(key, target, convert, false);
  }
  template <class T, class Convert>
  bool required_list(std::string_view key, std::vector<T>& target, const Convert& convert) {
    if (!has(key)) missing(key);
    return read_list(key, target, convert, true);
  }

  // A mapping, or a list of mappings, below this one; without keys where it is not there.
  [[nodiscard]] Section child(std::string_view key);
  [[nodiscard]] std::optional<Section> required_child(std::string_view key);
  [[nodiscard]] std::vector<Section> children(std::string_view key);
  [[nodiscard]] std::vector<Section> required_children(std::string_view key);

  [[nodiscard]] bool has(std::string_view key) const { return find(key) != nullptr; }
  // The same, for a section below that is not read where it is not there.
  [[nodiscard]] bool may_have(std::string_view key) const { return everything_ || has(key); }
  [[nodiscard]] const std::vector<Entry>& entries() const { return entries_; }
  [[nodiscard]] std::size_t line_of(std::string_view key) const;

  // Reports at the key, at its value, at an element of its list, or at the section.
  void reject_key(std::string_view key, std::string message);
  void reject_value(std::string_view key, std::string message);
  void reject_element(std::string_view key, std::size_t index, std::string message);
  void reject(std::string message);
  void missing(std::string_view key);

  // The keys that `read` asks for become known, nothing is judged: for a section of which the kind is not known.
  // `of_type`: the value of `type` beside which they are.
  template <std::invocable Reader>
  void learn_keys(std::string_view of_type, const Reader& read) {
    const bool was = std::exchange(quiet_, true);
    of_type_ = of_type;
    read();
    of_type_.clear();
    quiet_ = was;
  }

  // entries() are asked for one by one: this is what any of them takes.
  void takes_others(Outline::OtherKeys others) { outline_->others = std::move(others); }
  [[nodiscard]] const std::shared_ptr<Outline>& outline() const { return outline_; }

  // Reports the keys that nobody asked for.
  void close();

 private:
  [[nodiscard]] const Entry* find(std::string_view key) const;
  const Entry* ask(std::string_view key);
  [[nodiscard]] bool is_list(std::string_view key, const Entry& entry);
  [[nodiscard]] std::vector<Section> read_children(std::string_view key, bool required);
  void add(Position at, std::string message);
  void add_entries(const YAML::Node& node);
  void write_down(Outline::Key key);

  template <class T, class Convert>
  bool read_value(std::string_view key, T& target, const Convert& convert, bool required) {
    const auto* entry = ask(key);
    const bool right = entry != nullptr && take(key, *entry, target, convert);
    Outline::Key written{.name = std::string(key), .required = required, .shape = shape_of(convert)};
    if (auto values = written_values(convert, target); !values.empty()) written.values = std::move(values);
    write_down(std::move(written));
    return right;
  }
  template <class T, class Convert>
  bool read_list(std::string_view key, std::vector<T>& target, const Convert& convert, bool required) {
    const auto* entry = ask(key);
    const bool right = entry != nullptr && take_list(key, *entry, target, convert);
    Outline::Key written{
        .name = std::string(key), .form = Outline::Form::list, .required = required, .shape = shape_of(convert)};
    // An empty list that is given replaces a default.
    if (entry != nullptr || !target.empty()) written.values.emplace();
    for (const auto& value : target) {
      for (auto& text : written_values(convert, value)) written.values->push_back(std::move(text));
    }
    write_down(std::move(written));
    return right;
  }
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
  std::shared_ptr<Outline> outline_ = std::make_shared<Outline>();
  std::string of_type_;  // within learn_keys()
  bool quiet_ = false;
  bool everything_ = false;  // of_everything(), and what is below
  bool unreadable_ = false;  // not a mapping: reported once, its keys are not missed
};

}  // namespace dvsync::config
