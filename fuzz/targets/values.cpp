// Single values: names, ids, dates, base64, texts; and what may be shown of any text.

#include "dvsync/core/guid.hpp"
#include "dvsync/core/text.hpp"
#include "require.hpp"
#include "source/base64.hpp"
#include "source/distinguished_name.hpp"
#include "source/exported_text.hpp"
#include "source/ldap_values.hpp"

using namespace dvsync;
using namespace dvsync::source;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), size);
  const auto shown = core::printable(text, 200);
  REQUIRE(core::text_prefix(shown) == shown);
  REQUIRE(core::printable(shown) == shown);
  REQUIRE(shown.size() <= 203);
  for (const char c : shown) REQUIRE(static_cast<unsigned char>(c) >= 0x20);
  static_cast<void>(core::printable_lines(text));
  REQUIRE(core::cut_to(text, 7).size() <= text.size());
  static_cast<void>(core::is_blank(text));
  const auto folded = fold_distinguished_name(text);
  REQUIRE(fold_distinguished_name(folded) == folded);
  static_cast<void>(looks_like_distinguished_name(text));
  static_cast<void>(fold_login(text));
  if (const auto id = core::parse_guid(text)) REQUIRE(core::parse_guid(core::to_string(*id)) == id);
  if (const auto id = guid_from_object_guid(text)) REQUIRE(guid_from_object_guid(object_guid_bytes(*id)) == id);
  static_cast<void>(guid_from_network_order(text));
  static_cast<void>(guid_from_unique_id(text));
  static_cast<void>(guid_of_extended_dn(text));
  static_cast<void>(account_expiry(text));
  static_cast<void>(parse_description(text));
  static_cast<void>(without_bit_string(text));
  static_cast<void>(core::parse_timestamp(text));
  static_cast<void>(is_artefact(text));
  for (std::size_t a = 0; a < core::attribute_count; ++a) {
    static_cast<void>(is_artefact(static_cast<core::Attribute>(a), text));
  }
  REQUIRE(from_base64(to_base64(text)) == text);
  static_cast<void>(from_base64(text));
  return 0;
}
