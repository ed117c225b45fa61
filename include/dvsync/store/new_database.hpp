#pragma once
// The role and the database that a connection string names, for a server that has neither yet (`dvsync init`).

#include <string>
#include <vector>

namespace dvsync::store {

struct NewDatabase {
  std::string role;      // the daemon's; it owns the database
  std::string database;  // empty: the connection string names none
};

// What a connection string names. The role is its `user`, else the operating system's user that asks.
[[nodiscard]] NewDatabase named_in(const std::string& conninfo);
// Whether it leads to a socket of this machine, where PostgreSQL knows its users by the operating system's.
[[nodiscard]] bool is_on_this_machine(const std::string& conninfo);

// What would be run, to be shown before.
[[nodiscard]] std::vector<std::string> statements_for(const NewDatabase& wanted);
// Runs what is missing, as `administrator`, in the server's database `postgres`. Returns the statements that were run.
// Throws StoreError.
std::vector<std::string> create_missing(const std::string& conninfo, const std::string& administrator,
                                        const NewDatabase& wanted);

// Opens a session, and nothing more. Throws StoreError, saying why it cannot.
void require_session(const std::string& conninfo);

}  // namespace dvsync::store
