#pragma once
// The configuration, typed. One YAML file (docs and defaults: config/dvsync.yaml). Loading reports every mistake at
// once; a loaded configuration is valid as far as the file itself can tell.

#include <array>
#include <chrono>
#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "dvsync/core/environment.hpp"
#include "dvsync/core/guid.hpp"

namespace dvsync::config {

enum class FileFormat : std::uint8_t { automatic, graph_jsonl, m365_csv, ldif };
enum class FileMode : std::uint8_t { snapshot, delta };

// For directories without licences and roles (LDIF files, LDAP): who is licensed, who administers.
struct LdapPolicy {
  std::string licensed = "everyone";                // "everyone", or the DN of a group whose members are
  std::map<std::string, std::string> admin_groups;  // global | power_platform | dynamics365 → DN
  std::map<std::string, std::string> attributes;    // Graph's attribute name (givenName …) → LDAP attribute
};

struct FileDirectory {
  std::filesystem::path path;
  FileFormat format = FileFormat::automatic;
  FileMode mode = FileMode::snapshot;
  LdapPolicy ldap;  // format ldif only
};

struct GraphDirectory {
  std::string tenant;
  std::string client_id;  // empty: the machine's own managed identity
  std::optional<std::filesystem::path> client_secret_file;
  std::optional<std::filesystem::path> certificate_file;
  std::optional<std::filesystem::path> private_key_file;
  std::optional<std::filesystem::path> federated_token_file;
  bool managed_identity = false;
  std::string authority = "https://login.microsoftonline.com";  // from `cloud`, or given
  std::string graph_root = "https://graph.microsoft.com";       // without version
  std::optional<std::filesystem::path> ca_file;
  std::optional<std::string> proxy;
  std::string throttle_priority = "normal";  // low | normal | high
};

enum class LdapKind : std::uint8_t { active_directory, openldap };
struct LdapDirectory {
  LdapKind kind = LdapKind::active_directory;
  std::vector<std::string> urls;
  std::string base;
  std::optional<std::string> bind_dn;
  std::optional<std::filesystem::path> password_file;
  std::optional<std::filesystem::path> keytab;
  bool start_tls = false;
  std::optional<std::filesystem::path> ca_file;
  std::string mode;  // active_directory: dirsync | usn; openldap: syncrepl | timestamp; loaded: never empty
  std::optional<std::string> user_filter;
  std::optional<std::string> disabled;  // openldap: pwdAccountLockedTime | nsAccountLock | a filter | a group's DN
  LdapPolicy policy;
};

struct Directory {
  std::variant<FileDirectory, GraphDirectory, LdapDirectory> kind;
  bool marketing_license = false;
  double max_rejects_percent = 5;
};

struct Database {
  std::string connection;                         // libpq; never printed
  std::optional<std::string> migrate_connection;  // an owner, for `migrate` alone
  std::string mirror_schema = "directory";
  std::int64_t sessions = 8;                            // that a run opens on one server, about; 4 or less: four
  std::map<std::string, std::string> connections = {};  // connection strings, by the names that environments use

  // Whether a run has to go with four, the lease's among them: a pooler that has no more to give makes whoever asks for
  // one wait, so that nobody may keep one while he waits for another.
  [[nodiscard]] bool has_few_sessions() const { return sessions <= 4; }
};

struct Schedule {
  std::chrono::seconds every{900};
  std::chrono::seconds full_every{86400};
  std::chrono::seconds jitter{30};
  std::optional<std::chrono::seconds> fresh_within;  // of the mirror, for first access; default: twice `every`
};

// Whether triggers note rows that others change (docs/rules.md D16): on tables that dvsync made, on any, on none.
enum class WatchRows : std::uint8_t { automatic, on, off };
[[nodiscard]] std::string_view name_of(WatchRows watch);

// Security roles that an environment gives (docs/rules.md D18), by name.
struct Roles {
  struct OfPlans {
    std::vector<core::Guid> plans;  // any of these
    std::vector<std::string> roles;
  };
  std::vector<OfPlans> by_license;
  std::vector<std::string> everybody;
  std::vector<std::string> administrators;
  std::optional<std::string> stub;  // of placeholders that have no role
  bool manage = true;               // false: nothing more is given or taken
  bool create_tables = false;       // `migrate` makes the tables of units, roles and teams that are missing

  [[nodiscard]] std::vector<std::string> all_names() const;  // each role once, in the order above
};

struct Environment {
  core::Environment rules;
  std::string schema;
  std::optional<std::string> connection;  // another server; default: database.connection
  std::optional<std::string> migrate_connection;
  std::string server = {};                           // as database.connections names it; empty: no name was given
  std::optional<std::string> security_group;         // an object id (lower case), or a DN
  std::optional<std::string> business_unit;          // of new rows: an id, a name, or root
  std::optional<core::Guid> actor;                   // the user that modifiedby names
  std::map<std::string, std::string> create_values;  // constants a foreign table demands on insert
  WatchRows watch_rows = WatchRows::automatic;
  std::optional<Roles> roles;  // nullopt: roles are neither read nor written
};

// When the directory is asked about a user at first access, though the mirror is fresh (docs/rules.md D15).
enum class FirstAccess : std::uint8_t { ask_refused, ask_always };

struct Requests {                         // sync_request: answers on demand
  std::chrono::seconds expire_after{60};  // nobody waits longer for an answer
  FirstAccess first_access = FirstAccess::ask_refused;
  std::string first_access_role = "dvsync_first_access";  // whose members may ask with this trigger
  std::string on_demand_role = "dvsync_on_demand";
};

struct Safety {  // the guard, D8
  std::int64_t max_disables = 500;
  double max_disables_percent = 10;
  std::chrono::seconds window{3600};
};

struct Licenses {  // service plans; already the shipped lists with the configured amendments
  std::vector<core::Guid> full;
  std::vector<core::Guid> on_demand;
};

enum class LogFormat : std::uint8_t { automatic, text, json, journal };
struct Log {
  std::string level = "info";
  LogFormat format = LogFormat::automatic;
  std::chrono::seconds retention{90 * 86400};
  std::optional<std::filesystem::path> archive = {};  // the folder where the daemon keeps what retention forgets
};

struct Metrics {
  std::optional<std::filesystem::path> textfile;  // for node_exporter's textfile collector
};

// What people are told about (docs/alarms.md). `recovered`: that another of them is over.
enum class Alarm : std::uint8_t { held, failed, stale, incomplete, rejected, recovered };
inline constexpr std::array all_alarms{Alarm::held,       Alarm::failed,   Alarm::stale,
                                       Alarm::incomplete, Alarm::rejected, Alarm::recovered};
[[nodiscard]] std::string_view name_of(Alarm alarm);

enum class WebhookFormat : std::uint8_t { plain, slack, teams };
struct Webhook {
  std::filesystem::path url_file = {};  // the address is a secret: whoever has it may post
  WebhookFormat format = WebhookFormat::plain;
  std::optional<std::string> body = {};  // instead of a format: JSON with {{words}} to be replaced
  std::optional<std::filesystem::path> ca_file = {};
  std::optional<std::string> proxy = {};
};
struct NotifyCommand {
  std::vector<std::string> arguments = {};  // the program's whole path first; no shell
};

// Where alarms go.
struct NotifyTarget {
  std::string name;  // the mirror remembers by it what was told
  std::variant<Webhook, NotifyCommand> by = {};
  std::vector<Alarm> on{all_alarms.begin(), all_alarms.end()};
  std::chrono::seconds remind_every{86400};
  bool include_users = false;
};
// The words that a webhook's `template` may hold between {{ and }}.
[[nodiscard]] const std::vector<std::string_view>& words_of_messages();

// Where the daemon answers HTTP (docs/console.md).
struct UnixAddress {
  std::filesystem::path path;
  bool operator==(const UnixAddress&) const = default;
};
struct TcpAddress {
  std::string host;  // an IPv4 or IPv6 address, without brackets
  std::uint16_t port = 0;
  [[nodiscard]] bool loopback() const;
  bool operator==(const TcpAddress&) const = default;
};
struct ConsoleTls {
  std::filesystem::path certificate_file = {};
  std::filesystem::path private_key_file = {};
  bool operator==(const ConsoleTls&) const = default;
};
using ConsoleAddress = std::variant<std::monostate, UnixAddress, TcpAddress>;  // monostate: it is turned off
inline constexpr const char* default_console_socket = "/run/dvsync/console.sock";
struct Console {
  ConsoleAddress listen = UnixAddress{default_console_socket};
  bool by_default = true;                          // nobody named the address
  std::optional<std::string> socket_group = {};    // of the Unix socket; default: the daemon's own
  std::optional<ConsoleTls> tls = {};              // of a TCP address
  std::optional<std::string> trusted_header = {};  // names the user, where `trusted_peer` sends it
  std::optional<std::string> trusted_peer = {};    // a user of this machine: the reverse proxy's
  std::vector<std::string> operators = {};         // names that may act; root and the daemon's own user may anyway
  std::optional<std::filesystem::path> tokens_file = {};
};
// "unix:/run/dvsync/console.sock", "127.0.0.1:8080", "[::1]:8080", "off".
[[nodiscard]] std::string to_string(const ConsoleAddress& address);

struct Configuration {
  std::filesystem::path file;
  Directory directory;
  Database database;
  Schedule schedule;
  Requests requests;
  std::vector<Environment> environments;
  Safety safety;
  Licenses licenses;
  Log log;
  Metrics metrics;
  std::vector<NotifyTarget> notify = {};
  std::optional<Console> console = {};  // nullopt: the file has no such section, and nothing listens
};

struct Diagnostic {
  std::string file;
  std::size_t line = 0;     // from 1; 0: the file as a whole
  std::size_t column = 0;   // from 1, in code points; of the key or value that is wrong
  std::string message;      // with a suggestion where there is one
  std::string source_line;  // the offending line, for the caret; what may be a secret is already masked
  bool denied = false;      // this user may not read the file
};

// "file:line:column: message", the line, and a caret below it. No line break at the end.
[[nodiscard]] std::string to_string(const Diagnostic& diagnostic);

using Loaded = std::variant<Configuration, std::vector<Diagnostic>>;

// Relative paths in the file are relative to the file's folder; a leading $CREDENTIALS_DIRECTORY/ is expanded.
// Diagnostics come in the order of the file. An unreadable file is one diagnostic (line 0). Never throws for what
// the file says.
[[nodiscard]] Loaded load(const std::filesystem::path& file);
// The same for text in hand; `name` stands for the file in diagnostics.
[[nodiscard]] Loaded parse(std::string_view yaml, const std::filesystem::path& name);

// --config, else $DVSYNC_CONFIG, else /etc/dvsync/dvsync.yaml.
[[nodiscard]] std::filesystem::path file_to_load(const std::optional<std::string>& option);

}  // namespace dvsync::config
