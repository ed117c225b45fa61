#include "storable.hpp"

#include <fmt/format.h>

namespace dvsync::store {
namespace {

// Bytes of the character that begins with `lead`, and the bits of it that count.
struct Lead {
  std::size_t length;
  std::uint32_t bits;
};
Lead lead_of(unsigned char lead) {
  if (lead < 0xe0) return {2, lead & 0x1fU};
  if (lead < 0xf0) return {3, lead & 0x0fU};
  return {4, lead & 0x07U};
}

}  // namespace

std::string spelled_out(std::string_view text) {
  std::string plain;
  for (std::size_t at = 0; at < text.size();) {
    const auto byte = static_cast<unsigned char>(text[at]);
    if (byte < 0x80) {
      plain += text[at++];
      continue;
    }
    auto [length, code_point] = lead_of(byte);
    for (++at; length > 1 && at < text.size(); --length, ++at) {
      code_point = code_point << 6 | (static_cast<unsigned char>(text[at]) & 0x3fU);
    }
    plain += fmt::format("<U+{:04X}>", code_point);
  }
  return plain;
}

std::string storable(const Connection& session, std::string_view text) {
  const auto encoding = session.server_encoding();
  return encoding == "UTF8" || encoding == "SQL_ASCII" ? std::string(text) : spelled_out(text);
}

std::optional<std::string> storable(const Connection& session, const std::optional<std::string>& text) {
  if (!text) return std::nullopt;
  return storable(session, std::string_view(*text));
}

Rows find_by_text(Connection& session, const std::string& query, const std::string& text) {
  constexpr std::string_view no_such_character = "22P05";
  try {
    return session.exec(query, {text});
  } catch (const RowError& error) {
    if (error.sqlstate() != no_such_character) throw;
    return {};
  }
}

std::vector<std::string> storable(const Connection& session, const std::vector<std::string>& texts) {
  std::vector<std::string> all;
  all.reserve(texts.size());
  for (const auto& text : texts) all.push_back(storable(session, std::string_view(text)));
  return all;
}

}  // namespace dvsync::store
