// Answers of Microsoft Graph and of the token endpoint, and what a cursor remembers of them.

#include "dvsync/error.hpp"
#include "source/graph/client.hpp"
#include "source/graph/delta.hpp"
#include "source/graph/groups.hpp"
#include "source/graph/json.hpp"
#include "source/graph/token_endpoint.hpp"

using namespace dvsync;
using namespace dvsync::source::graph;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), size);
  static_cast<void>(explain_token_error(400, text));
  static_cast<void>(group_cursors({{"groups:" + text.substr(0, 40), text}, {text, text}}));
  try {
    static_cast<void>(read_token(text, "the token endpoint"));
  } catch (const SourceError&) {
  }
  auto document = Document::parse(text);
  if (!document) return 0;
  const GraphAnswer answer(403, std::move(*document));
  static_cast<void>(failure(answer, "a page"));
  static_cast<void>(answer.about_rights());
  static_cast<void>(answer.about_throttling());
  try {
    for (const auto& item : items_of(answer, "a page")) static_cast<void>(read_reference(item));
  } catch (const SourceError&) {
  }
  return 0;
}
