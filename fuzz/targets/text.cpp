// Texts in their encodings: what comes in pieces is read as if it had come at once. The first two bytes say where the
// pieces begin.

#include "dvsync/core/text.hpp"

#include "require.hpp"
#include "source/lone_surrogates.hpp"
#include "source/utf8.hpp"

using namespace dvsync;
using namespace dvsync::source;

namespace {

std::string decoded(std::string_view bytes, bool big_endian, std::size_t piece) {
  Utf16Decoder decoder(big_endian);
  std::string text;
  for (auto rest = bytes; !rest.empty(); rest.remove_prefix(std::min(piece, rest.size()))) {
    decoder.decode(rest.substr(0, piece), text);
  }
  static_cast<void>(decoder.finish(text));
  return text;
}

std::string without_lone_surrogates(std::string_view text, std::size_t piece) {
  LoneSurrogates surrogates;
  std::string mended;
  for (std::size_t at = 0; at < text.size(); at += piece) {
    const auto behind = text.substr(std::min(at + piece, text.size()));
    mended += surrogates.overwrite(text.substr(at, piece),
                                   [&] { return std::string(behind.substr(0, longest_json_escape)); });
  }
  return mended;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 2) return 0;
  const std::string_view text(reinterpret_cast<const char*>(data) + 2, size - 2);
  const std::size_t piece = data[0] % 16 + 1;
  const bool big_endian = (data[1] & 1U) != 0;

  const auto whole = decoded(text, big_endian, text.size() + 1);
  REQUIRE(decoded(text, big_endian, piece) == whole);
  REQUIRE(utf16_units_in(core::text_prefix(whole)) <= text.size() / 2);
  const auto mended = without_lone_surrogates(text, text.size() + 1);
  REQUIRE(mended.size() == text.size());
  REQUIRE(without_lone_surrogates(text, piece) == mended);

  const auto valid = core::text_prefix(text);
  REQUIRE(find_fault(valid) == TextFault::none);
  REQUIRE((valid.size() == text.size()) == (find_fault(text) == TextFault::none));
  REQUIRE(core::cut_to(valid, core::code_points_in(valid)) == valid);
  const auto cut = core::cut_to(valid, piece);
  REQUIRE(core::code_points_in(cut) <= piece && valid.starts_with(cut) && core::text_prefix(cut) == cut);
  REQUIRE(core::printable_lines(core::printable_lines(text)) == core::printable_lines(text));
  REQUIRE(core::equal_ignoring_ascii_case(text, core::ascii_lower(text)));
  return 0;
}
