#include "source/graph/json.hpp"

#include <cmath>
#include <limits>

#include "source/lone_surrogates.hpp"

namespace dvsync::source::graph {
namespace {

namespace json = boost::json;

// Boost.JSON refuses a whole page for half a surrogate pair in one name. A byte that is never valid UTF-8 in its
// place confines the damage to that name.
std::string without_lone_surrogates(std::string_view text) {
  return std::string(LoneSurrogates().overwrite(text, [] { return std::string(); }));
}

// A page of a thousand users with a hundred plans each has half a million values.
constexpr std::size_t most_values = 2'000'000;

// As many values as the text can hold at most: one begins behind every bracket, comma and colon.
std::size_t values_in(std::string_view text) {
  std::size_t values = 1;
  bool quoted = false;
  for (std::size_t at = 0; at < text.size(); ++at) {
    const char c = text[at];
    if (c == '"') {
      quoted = !quoted;
    } else if (quoted) {
      if (c == '\\') ++at;
    } else if (c == '[' || c == '{' || c == ',' || c == ':') {
      ++values;
    }
  }
  return values;
}

json::value parse_into(json::monotonic_resource& memory, std::string_view text, json::error_code& error) {
  json::parse_options options;
  options.allow_invalid_utf8 = true;
  return json::parse(text, error, &memory, options);
}

}  // namespace

std::optional<Document> Document::parse(std::string_view text) {
  if (values_in(text) > most_values) return std::nullopt;
  auto memory = std::make_shared<json::monotonic_resource>(text.size() + 1024);
  json::error_code error;
  json::value root = parse_into(*memory, text, error);
  if (!error) return Document(std::move(memory), std::move(root));
  error.clear();  // Boost.JSON calls half a pair a syntax error like any other
  json::value mended = parse_into(*memory, without_lone_surrogates(text), error);
  if (error) return std::nullopt;
  return Document(std::move(memory), std::move(mended));
}

Document Document::take(json::object& from, std::string_view key) const {
  json::value* member = from.if_contains(key);
  return member == nullptr ? Document() : Document(memory_, std::move(*member));
}

const json::value* find(const json::value& object, std::string_view key) {
  const json::object* members = object.if_object();
  return members == nullptr ? nullptr : members->if_contains(key);
}

std::optional<std::int64_t> whole_number(const json::value& value) {
  constexpr double beyond = 9.0e18;
  if (const auto* number = value.if_int64()) return *number;
  if (value.is_uint64()) return std::numeric_limits<std::int64_t>::max();
  const auto* fraction = value.if_double();
  if (fraction == nullptr || !(std::abs(*fraction) < beyond)) return std::nullopt;
  return static_cast<std::int64_t>(*fraction);
}

std::string_view text_at(const json::value& object, std::string_view key) {
  const json::value* member = find(object, key);
  const json::string* text = member == nullptr ? nullptr : member->if_string();
  return text == nullptr ? std::string_view{} : std::string_view(text->data(), text->size());
}

}  // namespace dvsync::source::graph
