#pragma once
// Sessions for the mirror and for the environments, as the configuration names their servers. Everything that any
// session needs is set here and nowhere else: what it calls itself, what stops it, and that its schema has the version
// this program needs.

#include <chrono>
#include <cstdint>
#include <memory>
#include <stop_token>
#include <string>

#include "dvsync/config/configuration.hpp"
#include "dvsync/store/postgres/connection.hpp"

namespace dvsync::store {

struct SessionOptions {
  std::stop_token stop = {};          // cancels the statement in hand, which then throws Interrupted
  std::string application_name = {};  // as others see it in pg_stat_activity; empty: what the configuration says
  // Works while a run may be under way: waits for locks more briefly than PostgreSQL takes to look for deadlocks (1 s),
  // so that it is never the run that has to give way.
  bool beside_runs = false;
  bool reads_everything = false;  // one statement for all there is lasts as long as the work on its rows
  bool commits_later = false;     // without waiting for the disk: a later commit of another session makes it durable
  bool as_owner = false;          // of the schema, where the configuration has a connection for that one
};

// Both throw StoreError: the server cannot be reached, or the schema is not what this program needs.
[[nodiscard]] std::unique_ptr<Connection> open_mirror(const config::Configuration& configuration,
                                                      const SessionOptions& options = {});
[[nodiscard]] std::unique_ptr<Connection> open_environment(const config::Configuration& configuration,
                                                           const config::Environment& environment,
                                                           const SessionOptions& options = {});

// From now on a session of this environment's server is one of this environment. Throws as above.
void enter_environment(Connection& session, const config::Environment& environment);

// How an environment is called in messages.
[[nodiscard]] std::string place_of(const config::Environment& environment);

// The connection strings that these sessions use. An environment on a server of its own never falls back to another
// server's owner.
[[nodiscard]] std::string connection_of(const config::Configuration& configuration,
                                        const config::Environment& environment);
[[nodiscard]] std::string owner_connection_of(const config::Configuration& configuration,
                                              const config::Environment& environment);

// Sessions that this process has open now. Any thread may ask.
[[nodiscard]] std::int64_t open_sessions();

// How long a session is waited for, by its connection string (`connect_timeout`).
[[nodiscard]] std::chrono::seconds patience_of(const std::string& conninfo);

// Whether a connection string leads to another machine without demanding encryption; then the words for it, else empty.
[[nodiscard]] std::string transport_warning(const std::string& conninfo);

// Why a connection string cannot be read; empty: it can.
[[nodiscard]] std::string mistake_in_connection(const std::string& conninfo);
// Whether it names a password file that is found from some folders only; then the words for it, else empty.
[[nodiscard]] std::string password_file_warning(const std::string& conninfo);

// The role that a connection string means, without connecting: its `user`, else libpq's default.
[[nodiscard]] std::string role_named_in(const std::string& conninfo);

}  // namespace dvsync::store
