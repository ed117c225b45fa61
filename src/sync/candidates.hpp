#pragma once
// Whom an environment's run looks at: identities with their rows, in chunks.

#include <memory>
#include <optional>
#include <stop_token>
#include <vector>

#include "dvsync/core/identity.hpp"
#include "dvsync/core/system_user.hpp"
#include "dvsync/store/mirror.hpp"
#include "dvsync/store/postgres/connection.hpp"

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

// Sessions that serve nothing else while candidates are read.
struct ReadingSessions {
  store::Connection& mirror;
  store::Connection& environment;
};

// Everybody: every identity of the mirror, and every row that has none.
[[nodiscard]] std::unique_ptr<Candidates> everybody(ReadingSessions sessions, const store::IdentityView& view);

// Whose facts moved behind the watermark, or whose account expired since `evaluated_at`; and those in `recheck`.
struct Since {
  std::int64_t watermark = 0;
  core::Timestamp evaluated_at;
};
[[nodiscard]] std::unique_ptr<Candidates> changed_since(ReadingSessions sessions, const store::IdentityView& view,
                                                        const Since& since, std::vector<core::Guid> recheck);

[[nodiscard]] std::unique_ptr<Candidates> only(ReadingSessions sessions, const store::IdentityView& view,
                                               std::vector<core::Guid> object_ids);

// Identities by id, as they are now; an id the mirror does not know is a stranger.
[[nodiscard]] std::vector<core::Identity> read_identities(store::Connection& mirror, const store::IdentityView& view,
                                                          const std::vector<core::Guid>& object_ids);

}  // namespace dvsync::sync
