#include "dvsync/config/sample_form.hpp"

#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <cctype>
#include <regex>

#include "dvsync/error.hpp"

namespace dvsync::config {
namespace {

using FormLines = std::vector<std::string>;

constexpr std::string_view other_kinds = "# The other kinds of directory";
constexpr std::string_view other_kind = "#directory:";

FormLines lines_of(std::string_view text) {
  FormLines lines;
  while (!text.empty()) {
    const auto end = std::min(text.find('\n'), text.size());
    lines.emplace_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return lines;
}

// "  - name: contoso   # as the commands call it", set or in a comment.
struct KeyLine {
  std::string before;  // indentation
  bool set = true;
  std::string name;
  std::string value;  // as YAML
  std::string comment;
  std::size_t comment_at = 0;
};

std::optional<KeyLine> key_line(const std::string& line) {
  static const std::regex form(R"re(^([ -]*)(#?)([a-z_]+): *("[^"]*"|\[[^\]]*\]|\{[^}]*\}|[^#]*?)( +# (.*))?$)re");
  std::smatch found;
  if (!std::regex_match(line, found, form)) return std::nullopt;
  return KeyLine{.before = found[1],
                 .set = found[2].length() == 0,
                 .name = found[3],
                 .value = found[4],
                 .comment = found[6],
                 .comment_at = found[6].matched ? static_cast<std::size_t>(found.position(6)) - 2 : 0};
}

// With its comment where it was, as far as there is room.
std::string line_of(const KeyLine& key) {
  auto line = key.before + (key.set ? "" : "#") + key.name + ": " + key.value;
  if (key.comment.empty()) return line;
  line.resize(std::max(line.size() + 2, key.comment_at), ' ');
  return line + "# " + key.comment;
}

std::string plain(const YAML::Node& node, const std::string& yaml) {
  if (node.IsScalar()) return node.Scalar();
  if (!node.IsSequence()) return yaml;
  std::string text;
  for (const auto& element : node) text += (text.empty() ? "" : ", ") + plain(element, "");
  return text;
}

// Without quotes wherever YAML reads the same without them.
std::string scalar(const std::string& text, bool in_list) {
  try {
    const auto node = YAML::Load(in_list ? "[" + text + "]" : text);
    const auto value = in_list && node.size() == 1 ? node[0] : node;
    if (value.IsScalar() && value.Tag() == "?" && value.Scalar() == text) return text;
  } catch (const YAML::Exception&) {  // not as it stands
  }
  YAML::Emitter quoted;
  quoted << YAML::DoubleQuoted << text;
  return quoted.c_str();
}

std::string list(std::string_view text) {
  std::string yaml;
  while (!text.empty()) {
    const auto begin = text.find_first_not_of(", ");
    if (begin == std::string_view::npos) break;
    text.remove_prefix(begin);
    const auto end = std::min(text.find_first_of(", "), text.size());
    yaml += (yaml.empty() ? "" : ", ") + scalar(std::string(text.substr(0, end)), true);
    text.remove_prefix(end);
  }
  return "[" + yaml + "]";
}

bool is_list(const std::string& yaml) { return yaml.starts_with('['); }

std::string type_of(const FormLines& lines, std::size_t begin) {
  for (auto i = begin; i < lines.size() && lines[i].starts_with('#'); ++i) {
    const auto key = key_line(lines[i].substr(1));
    if (key && key->name == "type") return key->value;
  }
  return "";
}

// The lines of a kind of directory, out of the comment in which it stands.
std::optional<FormLines> kind_in_comment(const FormLines& lines, const std::string& type) {
  for (std::size_t i = 0; i < lines.size(); ++i) {
    if (lines[i] != other_kind || type_of(lines, i) != type) continue;
    FormLines kind;
    for (; i < lines.size() && lines[i].starts_with('#'); ++i) kind.push_back(lines[i].substr(1));
    return kind;
  }
  return std::nullopt;
}

std::string schema_for(const std::string& environment) {
  std::string schema;
  for (const char c : environment) {
    const bool simple = c >= 0 && std::isalnum(static_cast<unsigned char>(c)) != 0;
    if (simple) {
      schema += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    } else if (!schema.empty() && schema.back() != '_') {
      schema += '_';
    }
  }
  while (schema.ends_with('_')) schema.pop_back();
  return schema.empty() ? "environment" : schema;
}

}  // namespace

bool is_example(std::string_view value) {
  return value.find("contoso") != std::string_view::npos || value.find("-0000-4000-8000-") != std::string_view::npos;
}

std::vector<std::string> SampleForm::directory_types() {
  const auto lines = lines_of(sample_text());
  std::vector<std::string> types;
  const auto add = [&](const std::string& type) {
    if (std::ranges::find(types, type) == types.end()) types.push_back(type);
  };
  const auto first = static_cast<std::size_t>(std::ranges::find(lines, "directory:") - lines.begin());
  if (first + 1 < lines.size()) add(key_line(lines[first + 1]).value_or(KeyLine{}).value);
  for (std::size_t i = 0; i < lines.size(); ++i) {
    if (lines[i] == other_kind) add(type_of(lines, i));
  }
  return types;
}

SampleForm::SampleForm(const std::string& directory_type) : lines_(lines_of(sample_text())) {
  const auto whole = lines_;
  const auto rest = std::ranges::find_if(lines_, [](const auto& line) { return line.starts_with(other_kinds); });
  if (rest != lines_.end()) lines_.erase(rest - 1, lines_.end());  // and the ruler above
  while (!lines_.empty() && lines_.back().empty()) lines_.pop_back();
  const auto [begin, end] = section("directory");
  const auto first = key_line(lines_.at(begin + 1));
  if (first && first->value == directory_type) return;
  auto kind = kind_in_comment(whole, directory_type);
  if (!kind) throw Error("there is no kind of directory `" + directory_type + "`");
  const auto at = lines_.erase(lines_.begin() + static_cast<std::ptrdiff_t>(begin),
                               lines_.begin() + static_cast<std::ptrdiff_t>(end));
  lines_.insert(at, kind->begin(), kind->end());
}

SampleForm::Range SampleForm::section(std::string_view name) const {
  const auto begin = static_cast<std::size_t>(std::ranges::find(lines_, std::string(name) + ":") - lines_.begin());
  auto end = begin;
  while (end < lines_.size() && !lines_[end].empty()) ++end;
  return {begin, end};
}

std::vector<SampleForm::Key> SampleForm::keys(std::string_view name) const {
  std::vector<Key> keys;
  const auto [begin, end] = section(name);
  for (auto i = begin + 1; i < end; ++i) {
    const auto key = key_line(lines_[i]);
    if (!key || !key->set) continue;
    keys.push_back({key->name, plain(YAML::Load(key->value), key->value), key->comment, i + 1, is_list(key->value)});
  }
  return keys;
}

void SampleForm::set(std::string_view in, std::string_view name, std::string_view value) {
  filled_.insert(std::string(in) + "." + std::string(name));
  const auto [begin, end] = section(in);
  for (auto i = begin + 1; i < end; ++i) {
    auto key = key_line(lines_[i]);
    if (!key || key->name != name) continue;
    key->set = !value.empty();
    if (key->set) key->value = is_list(key->value) ? list(value) : scalar(std::string(value), false);
    lines_[i] = line_of(*key);
    return;
  }
  if (value.empty()) return;
  lines_.insert(lines_.begin() + static_cast<std::ptrdiff_t>(end),
                "  " + std::string(name) + ": " + scalar(std::string(value), false));
}

void SampleForm::set_environments(const std::vector<std::string>& names) {
  if (names.empty()) return;
  set("environments", "name", names.front());
  set("environments", "schema", schema_for(names.front()));
  FormLines more;
  for (auto name = names.begin() + 1; name != names.end(); ++name) {
    more.push_back("  - name: " + scalar(*name, false));
    more.push_back("    schema: " + scalar(schema_for(*name), false));
  }
  lines_.insert(lines_.begin() + static_cast<std::ptrdiff_t>(section("environments").second), more.begin(), more.end());
}

std::vector<SampleForm::Key> SampleForm::examples() const {
  std::vector<Key> examples;
  for (const std::string in : {"directory", "database", "environments"}) {
    for (auto& key : keys(in)) {
      if (is_example(key.value) && !filled_.contains(in + "." + key.name)) examples.push_back(std::move(key));
    }
  }
  return examples;
}

std::optional<std::string> SampleForm::mistake(const std::filesystem::path& file, std::string_view in,
                                               std::string_view name) const {
  const auto loaded = parse(text(), file);
  const auto* diagnostics = std::get_if<std::vector<Diagnostic>>(&loaded);
  if (diagnostics == nullptr) return std::nullopt;
  const auto [begin, end] = section(in);
  for (const auto& diagnostic : *diagnostics) {
    if (diagnostic.line <= begin || diagnostic.line > end) continue;
    const auto key = key_line(lines_[diagnostic.line - 1]);
    if (name.empty() || (key && key->name == name)) return diagnostic.message;
  }
  return std::nullopt;
}

std::string SampleForm::text() const {
  std::string text;
  for (const auto& line : lines_) text += line + "\n";
  return text;
}

}  // namespace dvsync::config
