#include "dvsync/config/outline.hpp"

#include <yaml-cpp/yaml.h>

namespace dvsync::config {
namespace {

constexpr std::size_t most_in_a_line = 4;

void write(YAML::Emitter& yaml, const Outline& outline);

void write_value(YAML::Emitter& yaml, const Outline::Key& key) {
  if (key.form == Outline::Form::value) {
    yaml << key.values->front();
  } else if (key.form == Outline::Form::list) {
    if (key.values->size() <= most_in_a_line) yaml << YAML::Flow;
    yaml << *key.values;
  } else if (key.form == Outline::Form::section) {
    write(yaml, *key.below.front());
  } else {
    yaml << YAML::BeginSeq;
    for (const auto& section : key.below) write(yaml, *section);
    yaml << YAML::EndSeq;
  }
}

bool says_something(const Outline& outline);
bool says_something(const Outline::Key& key) {
  if (key.form == Outline::Form::sections) return !key.below.empty();
  if (key.form == Outline::Form::section) return says_something(*key.below.front());
  return key.values.has_value();
}
bool says_something(const Outline& outline) {
  for (const auto& key : outline.keys) {
    if (says_something(key)) return true;
  }
  return false;
}

void write(YAML::Emitter& yaml, const Outline& outline) {
  yaml << YAML::BeginMap;
  for (const auto& key : outline.keys) {
    if (!says_something(key)) continue;
    yaml << YAML::Key << key.name << YAML::Value;
    write_value(yaml, key);
  }
  yaml << YAML::EndMap;
}

}  // namespace

std::string yaml_of(const Outline& outline) {
  YAML::Emitter yaml;
  write(yaml, outline);
  return std::string(yaml.c_str()) + "\n";
}

}  // namespace dvsync::config
