#include "document.hpp"

#include <array>
#include <string>
#include <vector>

namespace dvsync::config {
namespace {

// yaml-cpp names what it found; people want to know what to do about it.
struct Hint {
  std::string_view problem;
  std::string_view advice;
};
constexpr std::array hints{
    Hint{"illegal map value", "check the indentation, and quote a value that holds a colon"},
    Hint{"end of map not found", "check the indentation, and quote a value that begins or ends oddly"},
    Hint{"end of sequence not found", "check the indentation of the list"},
    Hint{"end of map flow not found", "a { is not closed"},
    Hint{"end of sequence flow not found", "a [ is not closed"},
    Hint{"illegal EOF in scalar", "a quote is not closed"},
    Hint{"illegal tab when looking for indentation", "indent with blanks"},
    Hint{"unknown token", "quote a value that begins with a special character"},
};

std::string described(const std::string& problem) {
  std::string text = "this is not YAML: " + problem;
  for (const auto& hint : hints) {
    if (hint.problem == problem) {
      text += ": ";
      text += hint.advice;
    }
  }
  return text;
}

// The length of the code point that `bytes` begins with; 0: it begins with none. (RFC 3629, section 4.)
std::size_t code_point_length(std::string_view bytes) {
  const auto at = [&](std::size_t i) { return i < bytes.size() ? static_cast<unsigned char>(bytes[i]) : 0U; };
  const auto tail = [&](std::size_t i) { return (at(i) & 0xC0U) == 0x80U; };
  const unsigned first = at(0);
  if (first < 0x80) {
    return 1;
  }
  if (first >= 0xC2 && first <= 0xDF) {
    return tail(1) ? 2 : 0;
  }
  if ((first & 0xF0U) == 0xE0U) {
    const bool overlong_or_surrogate = (first == 0xE0 && at(1) < 0xA0) || (first == 0xED && at(1) > 0x9F);
    return tail(1) && tail(2) && !overlong_or_surrogate ? 3 : 0;
  }
  if (first >= 0xF0 && first <= 0xF4) {
    const bool out_of_range = (first == 0xF0 && at(1) < 0x90) || (first == 0xF4 && at(1) > 0x8F);
    return tail(1) && tail(2) && tail(3) && !out_of_range ? 4 : 0;
  }
  return 0;
}

}  // namespace

Position position_of(const YAML::Mark& mark) {
  if (mark.line < 0) {
    return {};
  }
  return {static_cast<std::size_t>(mark.line) + 1, static_cast<std::size_t>(mark.column) + 1};
}

std::string_view text_prefix(std::string_view bytes) {
  std::size_t end = 0;
  while (end < bytes.size() && bytes[end] != '\0') {
    const auto length = code_point_length(bytes.substr(end));
    if (length == 0) {
      break;
    }
    end += length;
  }
  return bytes.substr(0, end);
}

std::optional<YAML::Node> read_document(std::string_view text, Report& report) {
  std::vector<YAML::Node> documents;
  try {
    documents = YAML::LoadAll(std::string(text));
  } catch (const YAML::Exception& problem) {
    report.add(position_of(problem.mark), described(problem.msg));
    return std::nullopt;
  }
  if (documents.empty() || documents.front().IsNull()) {
    report.add({.line = 1, .column = 1}, "the configuration is empty: config/dvsync.yaml is a sample");
    return std::nullopt;
  }
  if (documents.size() > 1) {
    report.add(position_of(documents[1].Mark()), "a second document: the configuration is one document only");
  }
  if (!documents.front().IsMap()) {
    report.add(position_of(documents.front().Mark()), "the configuration must be a mapping of keys (key: value)");
    return std::nullopt;
  }
  return documents.front();
}

}  // namespace dvsync::config
