// The file of the console's tokens: it names holders and nothing else, or is refused with its place; who is read can be
// written down and is read again.

#include "dvsync/console/tokens.hpp"

#include <sstream>

#include "console/digest.hpp"
#include "dvsync/error.hpp"
#include "input_file.hpp"

namespace {

using namespace dvsync::console;

std::string text_of(const std::vector<TokenHolder>& holders) {
  std::string text;
  for (const auto& holder : holders) {
    text.append(holder.name).append(" ").append(name_of(holder.role)).append(" ").append(holder.hash).append("\n");
  }
  return text;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const InputFile input({reinterpret_cast<const char*>(data), size});
  try {
    const auto holders = read_tokens(input.path());
    for (const auto& holder : holders) REQUIRE(is_token_name(holder.name));
    const auto text = text_of(holders);
    REQUIRE(text_of(read_tokens(InputFile(text).path())) == text);
    REQUIRE(!holder_of(holders, "") || text.find(hexadecimal(sha256(""))) != std::string::npos);
  } catch (const dvsync::Error& error) {
    REQUIRE(std::string_view(error.what()).find(": line ") != std::string_view::npos);
  }
  return 0;
}
