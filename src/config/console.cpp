// The section `console`: where the daemon answers HTTP, and who may do what there.

#include <arpa/inet.h>

#include <algorithm>
#include <cctype>
#include <charconv>
#include <optional>
#include <string>
#include <utility>

#include "files.hpp"
#include "settings.hpp"
#include "values.hpp"

namespace dvsync::config {
namespace {

constexpr std::string_view turned_off = "off";
constexpr std::string_view unix_prefix = "unix:";
// sun_path takes 108 bytes, and the socket is made under a longer name first.
constexpr std::size_t longest_socket_path = 90;
constexpr const char* address_forms = "must be unix:/PATH, ADDRESS:PORT, [IPV6-ADDRESS]:PORT or off";

bool is_ipv4(const std::string& host) {
  in_addr address{};
  return ::inet_pton(AF_INET, host.c_str(), &address) == 1;
}
bool is_ipv6(const std::string& host) {
  in6_addr address{};
  return ::inet_pton(AF_INET6, host.c_str(), &address) == 1;
}

std::optional<std::uint16_t> port_of(std::string_view text) {
  std::uint16_t port = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
  if (error != std::errc() || end != text.data() + text.size() || port == 0) return std::nullopt;
  return port;
}

Read<ConsoleAddress> unix_address(std::string_view path) {
  if (!path.starts_with('/')) return wrong("must name a Unix socket by its whole path: unix:/run/dvsync/console.sock");
  if (path.size() > longest_socket_path) return wrong("names a Unix socket by more than 90 bytes");
  return ConsoleAddress(UnixAddress{std::filesystem::path(path).lexically_normal()});
}

Read<ConsoleAddress> tcp_address(const std::string& text) {
  const auto colon = text.rfind(':');
  const auto port = colon == std::string::npos ? std::nullopt : port_of(std::string_view(text).substr(colon + 1));
  if (!port) return wrong(address_forms);
  auto host = text.substr(0, colon);
  if (host.size() > 2 && host.front() == '[' && host.back() == ']') {
    host = host.substr(1, host.size() - 2);
    if (is_ipv6(host)) return ConsoleAddress(TcpAddress{std::move(host), *port});
  } else if (is_ipv4(host)) {
    return ConsoleAddress(TcpAddress{std::move(host), *port});
  }
  return wrong(std::string(address_forms) + "; an address is a number, such as 127.0.0.1, and no name");
}

struct ListenAddress {
  Read<ConsoleAddress> operator()(const YAML::Node& node) const {
    const auto value = text(node);
    if (!value) return value.error();
    if (*value == turned_off) return ConsoleAddress();
    if (value->starts_with(unix_prefix)) return unix_address(std::string_view(*value).substr(unix_prefix.size()));
    return tcp_address(*value);
  }
  [[nodiscard]] static std::string word_for(const ConsoleAddress& address) { return to_string(address); }
};

// RFC 9110: a token.
Read<std::string> header_name(const YAML::Node& node) {
  auto name = text(node);
  if (!name) return name;
  const auto usable = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
  };
  if (name->size() > 100 || !std::ranges::all_of(*name, usable)) {
    return wrong("must be the name of a header: letters, digits and hyphens");
  }
  auto lower = *name;
  std::ranges::transform(lower, lower.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  for (const auto* taken : {"authorization", "origin", "host", "cookie", "content-type"}) {
    if (lower == taken) return wrong("must be a header that has no other meaning, such as X-Remote-User");
  }
  return name;
}

ConsoleTls read_tls(Section section, const std::filesystem::path& folder) {
  ConsoleTls tls;
  section.required("certificate_file", tls.certificate_file, ReadableFile{folder});
  section.required("private_key_file", tls.private_key_file, SecretFile{folder});
  section.close();
  return tls;
}

// What is possible on one kind of address alone.
void judge_address(Section& section, const Console& console) {
  const auto only = [&](const char* key, const char* where) {
    if (section.has(key)) section.reject_key(key, "`" + std::string(key) + "` is for " + where);
  };
  const auto* tcp = std::get_if<TcpAddress>(&console.listen);
  if (tcp == nullptr) return only("tls", "a TCP address; whoever may open a Unix socket is on this machine");
  for (const char* key : {"socket_group", "trusted_header", "trusted_peer"}) {
    only(key, "a Unix socket, where the system says who sends");
  }
  if (!tcp->loopback() && !section.has("tls")) {
    section.reject_value("listen",
                         "`listen` must be 127.0.0.1 or [::1], or a Unix socket, unless `tls` names a certificate: "
                         "tokens do not go unencrypted over a network");
  }
}

}  // namespace

bool TcpAddress::loopback() const { return host == "::1" || (is_ipv4(host) && host.starts_with("127.")); }

std::string to_string(const ConsoleAddress& address) {
  if (std::holds_alternative<std::monostate>(address)) return std::string(turned_off);
  if (const auto* socket = std::get_if<UnixAddress>(&address)) return std::string(unix_prefix) + socket->path.string();
  const auto& tcp = std::get<TcpAddress>(address);
  const bool brackets = tcp.host.find(':') != std::string::npos;
  return (brackets ? "[" + tcp.host + "]" : tcp.host) + ":" + std::to_string(tcp.port);
}

Console read_console(Section section, const std::filesystem::path& folder) {
  Console console;
  console.by_default = !section.has("listen");
  const bool known = section.optional("listen", console.listen, ListenAddress{}) || console.by_default;
  section.optional("socket_group", console.socket_group, text);
  if (section.may_have("tls")) console.tls = read_tls(section.child("tls"), folder);
  section.optional("trusted_header", console.trusted_header, header_name);
  section.optional("trusted_peer", console.trusted_peer, text);
  if (section.has("trusted_header") != section.has("trusted_peer")) {
    const bool header = section.has("trusted_header");
    section.reject_key(header ? "trusted_header" : "trusted_peer",
                       header ? "`trusted_header` needs `trusted_peer`: the user as whom the reverse proxy runs"
                              : "`trusted_peer` needs `trusted_header`: the header in which it names the user");
  }
  section.optional_list("operators", console.operators, text);
  section.optional("tokens_file", console.tokens_file, Path{folder});
  section.close();
  if (known) judge_address(section, console);
  return console;
}

}  // namespace dvsync::config
