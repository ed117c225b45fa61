#pragma once
// What is asked over HTTP, and answered, apart from how it travels.

#include <sys/types.h>

#include <map>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace dvsync::console {

// Who is at the other end.
struct Peer {
  std::optional<uid_t> user = {};  // of a Unix socket: as the kernel says
  std::string address = {};        // of a TCP connection
};

struct Request {
  std::string method = "GET";
  std::vector<std::string> path = {};             // its segments, decoded
  std::map<std::string, std::string> query = {};  // decoded; each name once
  std::vector<std::pair<std::string, std::string>> headers = {};
  std::string body = {};
  Peer peer = {};

  // Whatever the case of its name. nullopt: it is not there, or there several times.
  [[nodiscard]] std::optional<std::string> header(std::string_view name) const;
  [[nodiscard]] std::size_t count(std::string_view name) const;
  // Empty: it is not there.
  [[nodiscard]] std::string parameter(const std::string& name) const;
  [[nodiscard]] bool reads() const { return method == "GET" || method == "HEAD"; }
};

struct Answer {
  unsigned status = 200;
  std::string type = "application/json";
  std::string body = {};
  std::vector<std::pair<std::string, std::string>> headers = {};
};

// {"error": {"code": "not_found", "message": "…"}}. `message`: a sentence for people, without anything secret.
[[nodiscard]] Answer refusal(unsigned status, std::string_view code, std::string_view message);
[[nodiscard]] Answer nothing_here();
[[nodiscard]] Answer method_not_allowed(const std::string& allowed);
[[nodiscard]] Answer plain_text(unsigned status, std::string text);

// Reads the target of a request line in origin form, "/a/b?c=d", into path and query. False: it is none, or names a
// parameter twice.
[[nodiscard]] bool read_target(std::string_view target, Request& request);

// Who answers.
class Handler {
 public:
  virtual ~Handler() = default;
  // On the one thread that serves all connections: waits for nothing. nullopt: ask answer().
  [[nodiscard]] virtual std::optional<Answer> answer_at_once(const Request& request) = 0;
  // On one of a few threads, several at a time. May block until `stop`; what it throws becomes an answer.
  [[nodiscard]] virtual Answer answer(const Request& request, const std::stop_token& stop) = 0;
};

}  // namespace dvsync::console
