#pragma once
// What a run needs of a database, written once: `dvsync check` prints all of it, `dvsync migrate` ends with it, and
// every run begins with the part that costs one or two statements. What `check` calls an error, a run refuses in the
// same words.

#include <optional>
#include <string>
#include <vector>

#include "dvsync/config/configuration.hpp"
#include "dvsync/core/guid.hpp"
#include "dvsync/store/postgres/connection.hpp"

namespace dvsync::store {

// What keeps a run from working, in words that say what to do.
struct Obstacle {
  std::string what;
  StoreError::Kind kind = StoreError::Kind::schema;
  bool stops = true;  // false: worth knowing, and a run works all the same
};

// Everything that is wrong, the weightiest kind first. Both expect a session whose schema's version is right.
[[nodiscard]] std::vector<Obstacle> find_obstacles(Connection& mirror, const std::string& mirror_schema);
[[nodiscard]] std::vector<Obstacle> find_obstacles(Connection& session, const config::Environment& environment);

// What whoever begins is about to do. A plan may be made by somebody who may only read, on a server that takes no
// writes: only what the schema lacks is refused.
enum class Use : bool { reading, writing };

// What the look at the table tells those who create rows in it.
struct NewRows {
  std::optional<core::Guid> business_unit;
  bool binary = false;  // their columns have just the types of sql/environment
};
// For writing two statements, where all is well; a plan takes the time to look at everything. Throws StoreError with
// the weightiest obstacle.
NewRows require_ready(Connection& session, const config::Environment& environment, Use use);

// Throws StoreError unavailable if the server, or this session, takes no writes.
void require_writes(Connection& session);

// The weightiest of `obstacles` that stop a run, as an error; throws nothing if none does.
void refuse(const std::string& place, const std::vector<Obstacle>& obstacles);

}  // namespace dvsync::store
