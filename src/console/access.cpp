#include "access.hpp"

#include <pwd.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <vector>

#include "digest.hpp"
#include "dvsync/core/text.hpp"
#include "dvsync/random_bytes.hpp"

namespace dvsync::console {
namespace {

constexpr std::string_view bearer = "Bearer ";
constexpr std::string_view forgery_header = "X-Dvsync-Token";
constexpr std::size_t longest_caller_name = 256;
constexpr int wrong_at_once = 10;
constexpr std::chrono::seconds wrong_every{6};
constexpr int acts_at_once = 30;
constexpr std::chrono::seconds acts_every{2};

Answer unknown_caller(std::string_view why) {
  auto answer = refusal(401, "unauthenticated", why);
  answer.headers.emplace_back("WWW-Authenticate", "Bearer");
  return answer;
}

Answer too_many(std::string_view what) {
  auto answer = refusal(429, "too_many", what);
  answer.headers.emplace_back("Retry-After", "60");
  return answer;
}

// The number of one without a name.
std::string name_of_user(uid_t uid) {
  std::vector<char> buffer(16384);
  passwd entry{};
  passwd* found = nullptr;
  ::getpwuid_r(uid, &entry, buffer.data(), buffer.size(), &found);
  return found != nullptr ? found->pw_name : std::to_string(uid);
}

// It goes into logs and tables.
bool is_name(std::string_view name) {
  const bool text = core::text_prefix(name).size() == name.size();
  return text && !name.empty() && name.size() <= longest_caller_name &&
         std::ranges::none_of(name, [](unsigned char c) { return c < 0x20 || c == 0x7F; });
}

bool names(const std::vector<std::string>& list, const std::string& name) {
  return std::ranges::find(list, name) != list.end();
}

// A page of another origin: its browser says so.
bool comes_from_elsewhere(const Request& act) {
  if (act.count("Origin") > 0) {
    const auto origin = act.header("Origin").value_or("null");
    const auto host = origin.find("://");
    if (host == std::string::npos || act.header("Host") != origin.substr(host + 3)) return true;
  }
  const auto site = act.header("Sec-Fetch-Site");
  return site && *site != "same-origin" && *site != "none";
}

}  // namespace

Access::Access(const RateLimit::Clock& clock)
    : wrong_tokens_(wrong_at_once, wrong_every, clock), acts_(acts_at_once, acts_every, clock), secret_(32, '\0') {
  fill_with_random({reinterpret_cast<std::uint8_t*>(secret_.data()), secret_.size()});  // NOLINT(*-reinterpret-cast)
}

std::variant<Caller, Answer> Access::caller_of(const Request& request, const config::Console& console) {
  return request.peer.user ? caller_on_socket(request, console) : caller_with_token(request, console);
}

std::variant<Caller, Answer> Access::caller_on_socket(const Request& request, const config::Console& console) {
  const auto uid = *request.peer.user;
  auto name = name_of_user(uid);
  if (console.trusted_peer && name == *console.trusted_peer) {
    name = request.header(*console.trusted_header).value_or("");
    if (!is_name(name)) return unknown_caller("the proxy names no user");
    return Caller{name, names(console.operators, name) ? Role::operating : Role::viewer};
  }
  // These two need no console to do whatever they like.
  const bool may_anyway = uid == 0 || uid == ::geteuid();
  return Caller{name, may_anyway || names(console.operators, name) ? Role::operating : Role::viewer};
}

std::variant<Caller, Answer> Access::caller_with_token(const Request& request, const config::Console& console) {
  const auto given = request.header("Authorization").value_or("");
  if (!given.starts_with(bearer)) return unknown_caller("this takes a bearer token: `dvsync console token` makes one");
  const auto& from = request.peer.address;
  if (wrong_tokens_.exhausted(from)) return too_many("too many wrong tokens came from this address");
  const auto holders = console.tokens_file ? read_tokens(*console.tokens_file) : std::vector<TokenHolder>();
  auto holder = holder_of(holders, std::string_view(given).substr(bearer.size()));
  if (holder) return Caller{std::move(holder->name), holder->role};
  static_cast<void>(wrong_tokens_.take(from));
  return unknown_caller("nobody has this token");
}

std::string Access::forgery_token(const Caller& caller) const { return hexadecimal(hmac_sha256(secret_, caller.name)); }

std::optional<Answer> Access::objection_to(const Request& act, const Caller& caller) {
  if (comes_from_elsewhere(act)) return refusal(403, "forged", "this was sent by a page of another origin");
  if (caller.role != Role::operating) return refusal(403, "not_allowed", caller.name + " may look, and not act");
  if (!same_secret(act.header(forgery_header).value_or(""), forgery_token(caller))) {
    return refusal(403, "forged", "the header X-Dvsync-Token must hold the token of /api/v1/session");
  }
  if (!act.header("Content-Type").value_or("").starts_with("application/json")) {
    return refusal(415, "not_json", "an act is a JSON object: Content-Type: application/json");
  }
  if (!acts_.take(caller.name)) return too_many("too many acts; wait a moment");
  return std::nullopt;
}

}  // namespace dvsync::console
