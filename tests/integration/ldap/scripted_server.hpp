#pragma once
// An LDAP server that answers by script: for what neither slapd nor Samba can be made to show (answers in several
// DirSync pages, ranges, broken controls, limits). Plain TCP, anonymous, one thread per connection.

#include <atomic>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "dvsync/config/configuration.hpp"

namespace dvsync::source {

struct ScriptedRequest {
  int id = 0;
  std::string base;
  int scope = 0;
  std::string bytes;  // the whole message, to look for a filter's words in
  std::vector<std::string> attributes;
  std::map<std::string, std::string> controls;  // OID → value

  [[nodiscard]] bool has(const std::string& oid) const { return controls.contains(oid); }
  [[nodiscard]] bool mentions(const std::string& text) const { return bytes.find(text) != std::string::npos; }
  [[nodiscard]] bool asks_for(const std::string& attribute) const;
};

using Attributes = std::vector<std::pair<std::string, std::vector<std::string>>>;
using Controls = std::vector<std::pair<std::string, std::string>>;

// Writes answers to one request.
class Answerer {
 public:
  Answerer(int socket, int id) : socket_(socket), id_(id) {}
  void entry(const std::string& dn, const Attributes& attributes, const Controls& controls = {});
  void reference(const std::string& url);
  void intermediate(const std::string& oid, const std::string& value);
  void done(int code = 0, const Controls& controls = {}, const std::string& diagnostic = {});
  void drop();  // closes the connection in the middle of the answer

 private:
  void send(const std::string& bytes);
  int socket_;
  int id_;
};

class ScriptedServer {
 public:
  using Script = std::function<void(const ScriptedRequest&, Answerer&)>;

  // `script` answers searches; it may be called from several threads, one after the other.
  explicit ScriptedServer(Script script);
  ~ScriptedServer();
  ScriptedServer(const ScriptedServer&) = delete;
  ScriptedServer& operator=(const ScriptedServer&) = delete;

  [[nodiscard]] std::string url() const { return "ldap://127.0.0.1:" + std::to_string(port_); }
  [[nodiscard]] config::LdapDirectory directory(config::LdapKind kind, const std::string& mode) const;

 private:
  void accept_all();
  void serve(int socket);

  Script script_;
  int listener_ = -1;
  int port_ = 0;
  std::mutex mutex_;
  std::vector<int> sockets_;
  std::vector<std::thread> threads_;
  std::thread acceptor_;
};

// BER, for scripts.
[[nodiscard]] std::string ber_sequence(const std::string& content);
[[nodiscard]] std::string ber_integer(int value, unsigned char tag = 0x02);
[[nodiscard]] std::string ber_octets(const std::string& bytes, unsigned char tag = 0x04);
[[nodiscard]] std::string ber_boolean(bool value);
[[nodiscard]] std::string ber_element(unsigned char tag, const std::string& content);

}  // namespace dvsync::source
