#include "dvsync/console/check.hpp"

#include "dvsync/console/tokens.hpp"
#include "dvsync/error.hpp"
#include "listener.hpp"

namespace dvsync::console {
namespace {

using Level = sync::PreflightFinding::Level;

sync::PreflightFinding check_place(const config::Console& console) {
  const auto where = "console " + config::to_string(console.listen);
  try {
    if (console.tls) static_cast<void>(open_tls(*console.tls));
    if (console.socket_group) static_cast<void>(group_named(*console.socket_group));
    if (console.tokens_file) static_cast<void>(read_tokens(*console.tokens_file));
  } catch (const std::exception& error) {
    return {
        .level = Level::wrong, .message = where + ": " + words_of(error), .cause = sync::FailureCause::configuration};
  }
  const bool tcp = std::holds_alternative<config::TcpAddress>(console.listen);
  if (tcp && !console.tokens_file) {
    return {.level = Level::worth_knowing, .message = where + ": without `tokens_file` nobody may use the API"};
  }
  return {.message = where};
}

}  // namespace

void check_console(const config::Configuration& configuration, const sync::OnFinding& on_finding) {
  const auto& console = configuration.console;
  if (console && !std::holds_alternative<std::monostate>(console->listen)) on_finding(check_place(*console));
}

}  // namespace dvsync::console
