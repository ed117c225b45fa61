#include "source/graph/json.hpp"

#include "source/lone_surrogates.hpp"

namespace dvsync::source::graph {
namespace {

namespace json = boost::json;

// Boost.JSON refuses a whole page for half a surrogate pair in one name. A byte that is never valid UTF-8 in its
// place confines the damage to that name.
std::string without_lone_surrogates(std::string_view text) {
  return std::string(LoneSurrogates().overwrite(text, [] { return std::string(); }));
}

json::value parse_into(json::monotonic_resource& memory, std::string_view text, json::error_code& error) {
  json::parse_options options;
  options.allow_invalid_utf8 = true;
  return json::parse(text, error, &memory, options);
}

}  // namespace

std::optional<Document> Document::parse(std::string_view text) {
  auto memory = std::make_shared<json::monotonic_resource>(2 * text.size() + 1024);
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

std::string_view text_at(const json::value& object, std::string_view key) {
  const json::value* member = find(object, key);
  const json::string* text = member == nullptr ? nullptr : member->if_string();
  return text == nullptr ? std::string_view{} : std::string_view(text->data(), text->size());
}

}  // namespace dvsync::source::graph
