#include "values.hpp"

#include <array>
#include <charconv>
#include <optional>

#include "dvsync/config/suggestion.hpp"
#include "masking.hpp"

namespace dvsync::config {
namespace {

// yaml-cpp's tags: "?" for a plain scalar, "!" for a quoted one, anything else was written by the user.
bool is_plain(const YAML::Node& node) { return node.Tag() == "?"; }
bool is_tagged(const YAML::Node& node) { return node.Tag() != "?" && node.Tag() != "!" && !node.Tag().empty(); }

template <class T>
std::optional<T> number(const YAML::Node& node) {
  const auto& text = node.Scalar();
  T value{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (!is_plain(node) || error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return value;
}

struct Unit {
  char letter;
  std::int64_t seconds;
};
constexpr std::array units{Unit{'d', 86400}, Unit{'h', 3600}, Unit{'m', 60}, Unit{'s', 1}};

// Units from large to small, each at most once. No number has more than nine digits: nothing overflows.
std::optional<std::chrono::seconds> parse_duration(std::string_view text) {
  std::int64_t total = 0;
  bool any = false;
  for (const auto& unit : units) {
    const auto digits = std::min(text.find_first_not_of("0123456789"), text.size());
    if (digits == 0 || digits > 9 || digits == text.size() || text[digits] != unit.letter) continue;
    std::int64_t value = 0;
    std::from_chars(text.data(), text.data() + digits, value);
    total += value * unit.seconds;
    text.remove_prefix(digits + 1);
    any = true;
  }
  return any && text.empty() ? std::optional(std::chrono::seconds(total)) : std::nullopt;
}

}  // namespace

Shape guid_shape() {
  return {
      .kind = Shape::Kind::text,
      .pattern =
          R"((\{[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}\}|[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}))"};
}

Shape Duration::shape() const {
  return {.kind = Shape::Kind::text, .pattern = "(?=.)([0-9]{1,9}d)?([0-9]{1,9}h)?([0-9]{1,9}m)?([0-9]{1,9}s)?"};
}

std::string written(bool value) { return value ? "true" : "false"; }
std::string written(std::int64_t value) { return std::to_string(value); }
std::string written(const core::Guid& value) { return core::to_string(value); }

std::string written(double value) {
  std::array<char, 32> text{};
  const auto end = std::to_chars(text.data(), text.data() + text.size(), value).ptr;
  return {text.data(), end};
}

std::string written(std::chrono::seconds value) {
  for (const auto& unit : units) {
    if (value.count() != 0 && value.count() % unit.seconds == 0) {
      return std::to_string(value.count() / unit.seconds) + unit.letter;
    }
  }
  return "0s";
}

Read<std::string> constant(const YAML::Node& node) {
  if (node.IsNull()) return wrong("has no value: give it one, or remove the line");
  if (!node.IsScalar()) {
    return wrong(node.IsMap() ? "must be a single value, not a mapping" : "must be a single value, not a list");
  }
  if (is_tagged(node)) return wrong("must not carry a tag (!…)");
  if (node.Scalar().find('\0') != std::string::npos) return wrong("must not hold a NUL");
  return node.Scalar();
}

Read<std::string> text(const YAML::Node& node) {
  auto value = constant(node);
  if (value && value->empty()) return wrong("must not be empty");
  return value;
}

Read<bool> flag(const YAML::Node& node) {
  const auto value = text(node);
  if (!value) return value.error();
  if (!is_plain(node) || (*value != "true" && *value != "false")) {
    return wrong(is_plain(node) ? "must be true or false, not " + in_quotes(*value)
                                : std::string("must be true or false, without quotes"));
  }
  return *value == "true";
}

std::string count_of_a_cut_guid(std::string_view text) {
  constexpr std::size_t whole = 36;
  const bool cut = !text.empty() && text.find_first_not_of("0123456789abcdefABCDEF-") == std::string_view::npos;
  if (!cut || text.size() == whole) return "";
  return ", which has " + std::to_string(text.size()) + " characters, not 36";
}

Read<core::Guid> guid(const YAML::Node& node) {
  const auto value = text(node);
  if (!value) return value.error();
  const auto parsed = core::parse_guid(*value);
  if (!parsed) {
    return wrong("must be an id such as 3f6b2c1e-0000-4000-8000-000000000001, not " + in_quotes(*value) +
                 count_of_a_cut_guid(*value));
  }
  return *parsed;
}

Read<std::int64_t> Count::operator()(const YAML::Node& node) const {
  const auto value = text(node);
  if (!value) return value.error();
  const auto count = number<std::int64_t>(node);
  if (!count || *count < least || *count > most) {
    return wrong("must be a whole number from " + std::to_string(least) + " to " + std::to_string(most) + ", not " +
                 in_quotes(*value));
  }
  return *count;
}

Read<double> percent(const YAML::Node& node) {
  const auto value = text(node);
  if (!value) return value.error();
  const auto share = number<double>(node);
  if (!share || !(*share >= 0 && *share <= 100)) {  // so written, NaN is refused
    return wrong("must be a number from 0 to 100 (percent), not " + in_quotes(*value));
  }
  return *share;
}

Read<std::chrono::seconds> Duration::operator()(const YAML::Node& node) const {
  const auto value = text(node);
  if (!value) return value.error();
  if (value->find_first_not_of("0123456789.") == std::string::npos) {
    return wrong("must say a unit: 30s, 15m, 24h or 90d, not " + in_quotes(*value));
  }
  const auto duration = parse_duration(*value);
  if (!duration) return wrong("must be a duration such as 30s, 15m, 24h, 90d or 1h30m, not " + in_quotes(*value));
  if (*duration < least || *duration > most) {
    return wrong("must be from " + written(least) + " to " + written(most) + ", not " + in_quotes(*value));
  }
  return *duration;
}

std::string alternatives(std::span<const std::string_view> words) {
  std::string list;
  for (std::size_t i = 0; i < words.size(); ++i) {
    if (i > 0) {
      list += i + 1 == words.size() ? " or " : ", ";
    }
    list += words[i];
  }
  return list;
}

Read<std::size_t> index_of(const YAML::Node& node, std::span<const std::string_view> words) {
  const auto value = text(node);
  if (!value) return value.error();
  for (std::size_t i = 0; i < words.size(); ++i) {
    if (words[i] == *value) return i;
  }
  return wrong("must be " + alternatives(words) + ", not " + in_quotes(*value) + did_you_mean(*value, words));
}

OneOf<std::string> word_of(std::initializer_list<std::string_view> words) {
  OneOf<std::string> choice({});
  for (const auto word : words) {
    choice.add(word, std::string(word));
  }
  return choice;
}

}  // namespace dvsync::config
