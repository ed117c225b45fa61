#include "section.hpp"

#include <algorithm>
#include <span>

#include "document.hpp"
#include "dvsync/config/suggestion.hpp"
#include "masking.hpp"

namespace dvsync::config {
namespace {

// A value that is left out has the mark of whatever follows it; the key's own is the useful one.
Position value_position(const YAML::Node& value, Position key_at) {
  const auto at = position_of(value.Mark());
  return value.IsNull() || at.line == 0 ? key_at : at;
}

// Besides typing errors: `password` instead of `password_file`, the most dangerous one.
std::string meant(const std::string& key, std::span<const std::string_view> known) {
  const auto file = key + "_file";
  const bool is_file = std::ranges::find(known, file) != known.end();
  return is_file ? ": did you mean `" + file + "`?" : did_you_mean(key, known);
}

std::string in_section(const std::string& name) { return name.empty() ? "" : " in `" + name + "`"; }

}  // namespace

Section::Section(Report& report, const YAML::Node& node, std::string name, Position at)
    : report_(&report), name_(std::move(name)), at_(at) {
  if (node.IsMap()) {
    add_entries(node);
  } else if (!node.IsNull()) {
    add(position_of(node.Mark()), "`" + name_ + "` must be a mapping of keys (key: value)");
    unreadable_ = true;
  }
}

void Section::add_entries(const YAML::Node& node) {
  for (const auto& pair : node) {
    const auto key_at = position_of(pair.first.Mark());
    if (!pair.first.IsScalar()) {
      add(key_at.line == 0 ? at_ : key_at, "a key must be a word");
      continue;
    }
    const auto& key = pair.first.Scalar();
    if (const auto* first = find(key)) {
      add(key_at, "duplicate key " + in_quotes(key) + " (first in line " + std::to_string(first->key_at.line) + ")");
      continue;
    }
    entries_.push_back({key, key_at, pair.second, value_position(pair.second, key_at)});
  }
}

Section Section::of_everything(Report& report) {
  Section section(report, YAML::Node(), "", {});
  section.quiet_ = true;
  section.everything_ = true;
  return section;
}

// What is only learnt is not in force.
void Section::write_down(Outline::Key key) {
  if (quiet_ && !everything_) return;
  key.of_type = of_type_;
  outline_->keys.push_back(std::move(key));
}

const Section::Entry* Section::find(std::string_view key) const {
  const auto found = std::ranges::find(entries_, key, &Entry::key);
  return found == entries_.end() ? nullptr : &*found;
}

const Section::Entry* Section::ask(std::string_view key) {
  known_.emplace_back(key);
  return find(key);
}

bool Section::is_list(std::string_view key, const Entry& entry) {
  if (!entry.value.IsSequence()) {
    add(entry.at, "`" + std::string(key) + "` must be a list ([…])");
    return false;
  }
  return true;
}

Section Section::child(std::string_view key) {
  const auto* entry = ask(key);
  Section section(*report_, entry == nullptr ? YAML::Node() : entry->value, std::string(key),
                  entry == nullptr ? at_ : entry->key_at);
  section.quiet_ = quiet_;
  section.everything_ = everything_;
  write_down({.name = std::string(key), .form = Outline::Form::section, .below = {section.outline_}});
  return section;
}

std::optional<Section> Section::required_child(std::string_view key) {
  if (!may_have(key)) {
    known_.emplace_back(key);
    missing(key);
    return std::nullopt;
  }
  auto section = child(key);
  outline_->keys.back().required = true;
  return section;
}

std::vector<Section> Section::required_children(std::string_view key) {
  if (!may_have(key)) missing(key);
  auto children = read_children(key, true);
  if (const auto* entry = find(key); entry != nullptr && entry->value.IsSequence() && children.empty()) {
    add(entry->at, "`" + std::string(key) + "` must name at least one");
  }
  return children;
}

std::vector<Section> Section::children(std::string_view key) { return read_children(key, false); }

std::vector<Section> Section::read_children(std::string_view key, bool required) {
  std::vector<Section> children;
  const auto* entry = ask(key);
  if (everything_) {
    children.push_back(of_everything(*report_));
  } else if (entry != nullptr && (required || !entry->value.IsNull()) && is_list(key, *entry)) {
    for (const auto& item : entry->value) {
      children.emplace_back(*report_, item, std::string(key), value_position(item, entry->key_at));
    }
  }
  Outline::Key written{.name = std::string(key), .form = Outline::Form::sections, .required = required};
  for (const auto& section : children) written.below.push_back(section.outline_);
  write_down(std::move(written));
  return children;
}

std::size_t Section::line_of(std::string_view key) const {
  const auto* entry = find(key);
  return entry == nullptr ? at_.line : entry->key_at.line;
}

void Section::reject_key(std::string_view key, std::string message) {
  const auto* entry = find(key);
  add(entry == nullptr ? at_ : entry->key_at, std::move(message));
}

void Section::reject_value(std::string_view key, std::string message) {
  const auto* entry = find(key);
  add(entry == nullptr ? at_ : entry->at, std::move(message));
}

void Section::reject_element(std::string_view key, std::size_t index, std::string message) {
  const auto* entry = find(key);
  const auto at = entry == nullptr ? at_ : value_position(entry->value[index], entry->key_at);
  add(at, "`" + std::string(key) + "` " + std::move(message));
}

void Section::reject(std::string message) { add(at_, std::move(message)); }

void Section::missing(std::string_view key) {
  if (!unreadable_) {
    add(at_, "missing key `" + std::string(key) + "`" + in_section(name_));
  }
}

void Section::close() {
  const std::vector<std::string_view> known(known_.begin(), known_.end());
  for (const auto& entry : entries_) {
    if (std::ranges::find(known, entry.key) != known.end()) continue;
    if (entry.key == "<<") {
      add(entry.key_at, "merge keys (<<) are not understood: write the keys out, or use an alias for the whole value");
    } else {
      add(entry.key_at, "unknown key " + in_quotes(entry.key) + in_section(name_) + meant(entry.key, known));
    }
  }
}

void Section::add(Position at, std::string message) {
  if (!quiet_) {
    report_->add(at, std::move(message));
  }
}

}  // namespace dvsync::config
