#include "scripted_server.hpp"

#include <arpa/inet.h>
#include <lber.h>
#include <ldap.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <memory>
#include <optional>
#include <stdexcept>

namespace dvsync::source {
namespace {

using BerOwner = std::unique_ptr<BerElement, void (*)(BerElement*)>;

std::string text_of(const berval& value) {
  return value.bv_val == nullptr ? "" : std::string(value.bv_val, value.bv_len);
}

bool read_exactly(int socket, std::string& bytes, std::size_t count) {
  const std::size_t start = bytes.size();
  bytes.resize(start + count);
  for (std::size_t got = 0; got < count;) {
    const ssize_t n = recv(socket, bytes.data() + start + got, count - got, 0);
    if (n <= 0) return false;
    got += static_cast<std::size_t>(n);
  }
  return true;
}

// One message with its tag and length; empty: the client is gone.
std::string read_message(int socket) {
  std::string bytes;
  if (!read_exactly(socket, bytes, 2)) return {};
  std::size_t length = static_cast<unsigned char>(bytes[1]);
  if (length >= 0x80) {
    const std::size_t octets = length & 0x7FU;
    if (!read_exactly(socket, bytes, octets)) return {};
    length = 0;
    for (std::size_t i = 0; i < octets; ++i) length = length << 8U | static_cast<unsigned char>(bytes[2 + i]);
  }
  return read_exactly(socket, bytes, length) ? bytes : std::string{};
}

void read_controls(BerElement* ber, ScriptedRequest& request) {
  ber_len_t length = 0;
  char* last = nullptr;
  for (ber_tag_t tag = ber_first_element(ber, &length, &last); tag != LBER_DEFAULT;
       tag = ber_next_element(ber, &length, last)) {
    berval oid{};
    berval value{};
    ber_int_t critical = 0;
    ber_scanf(ber, "{m", &oid);
    if (ber_peek_tag(ber, &length) == LBER_BOOLEAN) ber_scanf(ber, "b", &critical);
    if (ber_peek_tag(ber, &length) == LBER_OCTETSTRING) ber_scanf(ber, "m", &value);
    request.controls[text_of(oid)] = text_of(value);
  }
}

// nullopt: no search.
std::optional<ScriptedRequest> parse(const std::string& bytes) {
  berval all{bytes.size(), const_cast<char*>(bytes.data())};
  const BerOwner ber(ber_init(&all), [](BerElement* b) { ber_free(b, 1); });
  ScriptedRequest request;
  request.bytes = bytes;
  ber_tag_t operation = 0;
  ber_len_t length = 0;
  ber_scanf(ber.get(), "{it", &request.id, &operation);
  if (operation != LDAP_REQ_SEARCH) return std::nullopt;
  berval base{};
  ber_int_t ignored = 0;
  ber_scanf(ber.get(), "{meeiib", &base, &request.scope, &ignored, &ignored, &ignored, &ignored);
  ber_scanf(ber.get(), "x");  // the filter
  request.base = text_of(base);
  char** attributes = nullptr;
  ber_scanf(ber.get(), "{v}}", &attributes);
  for (char** attribute = attributes; attribute != nullptr && *attribute != nullptr; ++attribute) {
    request.attributes.emplace_back(*attribute);
  }
  ber_memvfree(reinterpret_cast<void**>(attributes));
  if (ber_peek_tag(ber.get(), &length) == LDAP_TAG_CONTROLS) read_controls(ber.get(), request);
  return request;
}

std::string controls_of(const Controls& controls) {
  if (controls.empty()) return {};
  std::string content;
  for (const auto& [oid, value] : controls) content += ber_sequence(ber_octets(oid) + ber_octets(value));
  return ber_element(0xA0, content);
}

}  // namespace

std::string ber_element(unsigned char tag, const std::string& content) {
  std::string length;
  if (content.size() < 0x80) {
    length += static_cast<char>(content.size());
  } else {
    for (std::size_t rest = content.size(); rest > 0; rest >>= 8U) length.insert(0, 1, static_cast<char>(rest & 0xFFU));
    length.insert(0, 1, static_cast<char>(0x80U | length.size()));
  }
  return std::string(1, static_cast<char>(tag)) + length + content;
}

std::string ber_sequence(const std::string& content) { return ber_element(0x30, content); }
std::string ber_octets(const std::string& bytes, unsigned char tag) { return ber_element(tag, bytes); }
std::string ber_boolean(bool value) { return ber_element(0x01, std::string(1, value ? '\xFF' : '\0')); }

std::string ber_integer(int value, unsigned char tag) {
  std::string content;
  for (int shift = 24; shift >= 0; shift -= 8)
    content += static_cast<char>(static_cast<unsigned>(value) >> shift & 0xFFU);
  while (content.size() > 1 && content[0] == '\0' && static_cast<unsigned char>(content[1]) < 0x80) content.erase(0, 1);
  return ber_element(tag, content);
}

bool ScriptedRequest::asks_for(const std::string& attribute) const {
  return std::ranges::find(attributes, attribute) != attributes.end();
}

void Answerer::send(const std::string& bytes) {
  const std::string message = ber_sequence(ber_integer(id_) + bytes);
  for (std::size_t sent = 0; sent < message.size();) {
    const ssize_t n = ::send(socket_, message.data() + sent, message.size() - sent, MSG_NOSIGNAL);
    if (n <= 0) return;
    sent += static_cast<std::size_t>(n);
  }
}

void Answerer::entry(const std::string& dn, const Attributes& attributes, const Controls& controls) {
  std::string list;
  for (const auto& [name, values] : attributes) {
    std::string set;
    for (const std::string& value : values) set += ber_octets(value);
    list += ber_sequence(ber_octets(name) + ber_element(0x31, set));
  }
  send(ber_element(LDAP_RES_SEARCH_ENTRY, ber_octets(dn) + ber_sequence(list)) + controls_of(controls));
}

void Answerer::reference(const std::string& url) { send(ber_element(LDAP_RES_SEARCH_REFERENCE, ber_octets(url))); }

void Answerer::intermediate(const std::string& oid, const std::string& value) {
  send(ber_element(LDAP_RES_INTERMEDIATE, ber_octets(oid, 0x80) + ber_octets(value, 0x81)));
}

void Answerer::done(int code, const Controls& controls, const std::string& diagnostic) {
  send(ber_element(LDAP_RES_SEARCH_RESULT, ber_integer(code, 0x0A) + ber_octets("") + ber_octets(diagnostic)) +
       controls_of(controls));
}

void Answerer::drop() { shutdown(socket_, SHUT_RDWR); }

ScriptedServer::ScriptedServer(Script script) : script_(std::move(script)) {
  listener_ = socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t length = sizeof address;
  if (bind(listener_, reinterpret_cast<sockaddr*>(&address), length) != 0 || listen(listener_, 8) != 0) {
    throw std::runtime_error("no port to listen on");
  }
  getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &length);
  port_ = ntohs(address.sin_port);
  acceptor_ = std::thread([this] { accept_all(); });
}

ScriptedServer::~ScriptedServer() {
  shutdown(listener_, SHUT_RDWR);
  acceptor_.join();
  for (const int client : sockets_) shutdown(client, SHUT_RDWR);
  for (std::thread& thread : threads_) thread.join();
  for (const int client : sockets_) close(client);
  close(listener_);
}

void ScriptedServer::accept_all() {
  while (true) {
    const int client = accept(listener_, nullptr, nullptr);
    if (client < 0) return;
    const int yes = 1;  // an answer is many small messages
    setsockopt(client, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
    sockets_.push_back(client);
    threads_.emplace_back([this, client] { serve(client); });
  }
}

void ScriptedServer::serve(int socket) {
  while (true) {
    const std::string bytes = read_message(socket);
    if (bytes.empty()) return;
    const auto request = parse(bytes);
    if (!request) continue;  // unbind, abandon
    Answerer answerer(socket, request->id);
    const std::lock_guard lock(mutex_);
    script_(*request, answerer);
  }
}

config::LdapDirectory ScriptedServer::directory(config::LdapKind kind, const std::string& mode) const {
  config::LdapDirectory directory;
  directory.kind = kind;
  directory.urls = {url()};
  directory.base = "DC=x";
  directory.mode = mode;
  return directory;
}

}  // namespace dvsync::source
