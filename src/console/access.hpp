#pragma once
// Who may do what (docs/console.md, Who may).

#include <optional>
#include <string>
#include <variant>

#include "dvsync/config/configuration.hpp"
#include "dvsync/console/tokens.hpp"
#include "message.hpp"
#include "rate_limit.hpp"

namespace dvsync::console {

struct Caller {
  std::string name;
  Role role = Role::viewer;
};

// Any thread.
class Access {
 public:
  explicit Access(const RateLimit::Clock& clock = std::chrono::steady_clock::now);

  // Who asks; else what they are answered.
  [[nodiscard]] std::variant<Caller, Answer> caller_of(const Request& request, const config::Console& console);
  // What a page of ours sends with an act, and a page of somebody else cannot know. Until the daemon ends.
  [[nodiscard]] std::string forgery_token(const Caller& caller) const;
  // Why this POST does nothing; nullopt: it may act.
  [[nodiscard]] std::optional<Answer> objection_to(const Request& act, const Caller& caller);

 private:
  [[nodiscard]] std::variant<Caller, Answer> caller_on_socket(const Request& request, const config::Console& console);
  [[nodiscard]] std::variant<Caller, Answer> caller_with_token(const Request& request, const config::Console& console);

  RateLimit wrong_tokens_;
  RateLimit acts_;
  std::string secret_;
};

}  // namespace dvsync::console
