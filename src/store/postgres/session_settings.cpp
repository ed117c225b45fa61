#include "session_settings.hpp"

#include <array>
#include <string_view>

namespace dvsync::store {
namespace {

struct Setting {
  std::string_view name;
  std::string_view value;
  int since = 0;  // the server's version that has it
};

constexpr std::array settings{
    // How values and names are written.
    Setting{"client_encoding", "UTF8"}, Setting{"DateStyle", "ISO"}, Setting{"IntervalStyle", "postgres"},
    Setting{"TimeZone", "UTC"}, Setting{"bytea_output", "hex"}, Setting{"quote_all_identifiers", "off"},
    Setting{"standard_conforming_strings", "on"},
    // What ends a session: our own limits, and none that would end one that waits, or a run that takes long.
    Setting{"lock_timeout", "60s"}, Setting{"idle_in_transaction_session_timeout", "10min"},
    Setting{"idle_session_timeout", "0"}, Setting{"transaction_timeout", "0", 170000}, Setting{"exit_on_error", "off"},
    // Locks are taken and looked through again, which asks for the latest committed state in every statement.
    Setting{"default_transaction_isolation", "read committed"}, Setting{"default_transaction_deferrable", "off"},
    // Rows that a policy hides would pass for rows that are not there: PostgreSQL refuses instead.
    Setting{"row_security", "off"},
    // What we write ourselves, nobody has to look at again (sql/environment/watch.sql).
    Setting{"dvsync.own_writes", "on"},
    // Notices go nowhere, and compiling takes longer than our plain statements do.
    Setting{"client_min_messages", "warning"}, Setting{"jit", "off"}};

}  // namespace

std::string select_settings(const std::string& search_path, int server_version, bool own_statement_timeout) {
  std::string sql = "SELECT set_config('search_path', " + search_path + ", false)";
  const auto set = [&](std::string_view name, std::string_view value) {
    sql.append(", set_config('").append(name).append("', '").append(value).append("', false)");
  };
  if (!own_statement_timeout) set("statement_timeout", "15min");
  for (const auto& setting : settings) {
    if (server_version >= setting.since) set(setting.name, setting.value);
  }
  return sql;
}

}  // namespace dvsync::store
