#pragma once
// The users that a run evaluates: identities with their rows, in chunks. Private to sync.

#include <memory>
#include <optional>
#include <vector>

#include "dvsync/core/identity.hpp"
#include "dvsync/core/system_user.hpp"
#include "dvsync/store/identity_queries.hpp"
#include "dvsync/store/postgres/connection.hpp"
#include "dvsync/store/system_users.hpp"

namespace dvsync::sync {

struct Candidate {
  core::Identity identity;
  std::optional<core::SystemUser> row;
};

class Candidates {
 public:
  virtual ~Candidates() = default;
  // Appends the next chunk to `chunk` (cleared first); false: that was all.
  virtual bool next(std::vector<Candidate>& chunk) = 0;
};

inline constexpr int chunk_size = 4000;
// So many are few. A user may be named as a member, and as one who has a row.
inline constexpr int few_candidates = 2 * chunk_size;

// Sessions that serve nothing else while candidates are read, by a thread of its own.
struct ReadingSessions {
  store::Connection& mirror;
  store::Connection& environment;
  bool shared = false;  // they do serve others, between two chunks: nothing is read ahead, and no query stays open
};

// Everybody: every identity of the mirror, and every row that has none.
[[nodiscard]] std::unique_ptr<Candidates> everybody(ReadingSessions sessions, const store::IdentityView& view);

// Users by their object ids.
struct Named {
  std::vector<core::Guid> object_ids;
  // More users: a member that the mirror does not know is none, and would pass for somebody who is gone.
  std::vector<core::Guid> members = {};
};

// These users, each once; read ahead. `rows`: all of the environment's, where they are few enough to be read at once.
[[nodiscard]] std::unique_ptr<Candidates> each(ReadingSessions sessions, const store::IdentityView& view, Named named,
                                               std::optional<store::RowsById> rows = std::nullopt);

// Users changed since the watermark, users whose account expired since `evaluated_at`, and the users in `recheck`.
[[nodiscard]] std::unique_ptr<Candidates> changed_since(ReadingSessions sessions, const store::IdentityView& view,
                                                        const store::Watermark& since,
                                                        const std::vector<core::Guid>& recheck);

[[nodiscard]] std::unique_ptr<Candidates> only(ReadingSessions sessions, const store::IdentityView& view,
                                               std::vector<core::Guid> object_ids);

}  // namespace dvsync::sync
