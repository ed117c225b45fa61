#include "source/graph/json_document.hpp"

namespace dvsync::source::graph {
namespace {

namespace json = boost::json;

constexpr std::size_t escape_length = 6;  // \uXXXX

// The UTF-16 unit of the \u escape at `position`, or 0.
unsigned escaped_unit(std::string_view text, std::size_t position) {
  if (position + escape_length > text.size() || text[position] != '\\' || text[position + 1] != 'u') {
    return 0;
  }
  return static_cast<unsigned>(std::strtoul(std::string(text.substr(position + 2, 4)).c_str(), nullptr, 16));
}

bool is_high(unsigned unit) { return unit >= 0xD800 && unit < 0xDC00; }
bool is_low(unsigned unit) { return unit >= 0xDC00 && unit < 0xE000; }

// Boost.JSON refuses a whole page for half a surrogate pair in one name. A byte that is never valid UTF-8 in its
// place confines the damage to that name.
std::string without_lone_surrogates(std::string_view text) {
  std::string mended;
  mended.reserve(text.size());
  for (std::size_t i = 0; i < text.size();) {
    const unsigned unit = escaped_unit(text, i);
    std::size_t length = text[i] == '\\' && i + 1 < text.size() ? 2 : 1;
    if (is_high(unit) && is_low(escaped_unit(text, i + escape_length))) {
      length = 2 * escape_length;
    } else if (is_high(unit) || is_low(unit)) {
      mended += '\xFF';
      i += escape_length;
      continue;
    }
    mended += text.substr(i, length);
    i += length;
  }
  return mended;
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
  if (!error) {
    return Document(std::move(memory), std::move(root));
  }
  error.clear();  // Boost.JSON calls half a pair a syntax error like any other
  json::value mended = parse_into(*memory, without_lone_surrogates(text), error);
  if (error) {
    return std::nullopt;
  }
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
