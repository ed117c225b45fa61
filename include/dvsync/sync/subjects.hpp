#pragma once
// Whom an environment's run looks at: identities with their rows, in pieces.

#include <memory>
#include <optional>
#include <stop_token>
#include <vector>

#include "dvsync/core/identity.hpp"
#include "dvsync/core/system_user.hpp"
#include "dvsync/store/mirror.hpp"
#include "dvsync/store/postgres/connection.hpp"

namespace dvsync::sync {

struct Subject {
  core::Identity identity;
  std::optional<core::SystemUser> row;
};

class Subjects {
 public:
  virtual ~Subjects() = default;
  // Appends the next piece to `piece` (cleared first); false: that was all.
  virtual bool next(std::vector<Subject>& piece) = 0;
};

inline constexpr int piece_size = 4000;

// Sessions that serve nothing else while subjects are read.
struct ReadingSessions {
  store::Connection& mirror;
  store::Connection& environment;
};

// Everybody: every identity of the mirror, and every row that has none.
[[nodiscard]] std::unique_ptr<Subjects> everybody(ReadingSessions sessions, const store::IdentityView& view);

// Whose facts moved behind the watermark, or whose account expired since `evaluated_at`; and those in `again`.
struct Since {
  std::int64_t watermark = 0;
  core::Timestamp evaluated_at;
};
[[nodiscard]] std::unique_ptr<Subjects> changed_since(ReadingSessions sessions, const store::IdentityView& view,
                                                      const Since& since, std::vector<core::Guid> again);

[[nodiscard]] std::unique_ptr<Subjects> these(ReadingSessions sessions, const store::IdentityView& view,
                                              std::vector<core::Guid> object_ids);

// Identities by id, as they are now; an id the mirror does not know is a stranger.
[[nodiscard]] std::vector<core::Identity> read_identities(store::Connection& mirror, const store::IdentityView& view,
                                                          const std::vector<core::Guid>& object_ids);

}  // namespace dvsync::sync
