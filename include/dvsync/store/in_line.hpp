#pragma once
// Environments seen from outside, all of a server at once: whether there is anything to do in them. Where there is not,
// the mirror remembers so, and the environment is not opened.

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "dvsync/store/lease.hpp"
#include "dvsync/store/run_log.hpp"

namespace dvsync::store {

// What an environment's own tables say of it.
struct Glance {
  EnvironmentState state;
  std::int64_t fence = 0;
  std::int64_t last_run = 0;  // the highest id in its log; 0: none
  // Its last run went through with nothing to tell, nothing waits for the next one, and nobody wrote by newer facts
  // since.
  bool settled = false;
};
// Of the environments in these schemas of the session's database, in their order; nullopt: it cannot be read, or its
// version is not this program's.
[[nodiscard]] std::vector<std::optional<Glance>> glance_at(Connection& session,
                                                           const std::vector<std::string>& schemas);

// The highest run id in the logs of these schemas, as far as they can be read; 0: none.
[[nodiscard]] std::int64_t last_run_id(Connection& session, const std::vector<std::string>& schemas);

// Which of these schemas have a row of one of these users; in their order.
[[nodiscard]] std::vector<bool> have_rows_of(Connection& session, const std::vector<std::string>& schemas,
                                             const std::vector<core::Guid>& object_ids);

// What moved in the mirror: an identity, with all that decides which environments it concerns.
struct Moved {
  core::Guid object_id;
  std::int64_t version = 0;
  std::optional<core::Timestamp> expired_at = {};  // by now
  std::vector<core::Guid> groups = {};             // of which it is a member, an owner, or in through others
  bool apart = false;                              // concerns every environment (docs/schema.md, identity_apart)
};
// Behind this version, or expired since that moment; nullopt: more than `most`. Where the listing is complete, whoever
// is absent from it is gone for certain, and concerns nobody but who has the row.
[[nodiscard]] std::optional<std::vector<Moved>> moved_since(Connection& mirror, std::int64_t version,
                                                            const core::Timestamp& expired_since, bool listing_complete,
                                                            int most);
// Of these versions, those that this mirror had, with their marks.
[[nodiscard]] std::map<std::int64_t, core::Guid> marks_of(Connection& mirror,
                                                          const std::vector<std::int64_t>& versions);

// An environment that was found in line.
struct InLine {
  std::int64_t watermark = 0;  // where its own tables stood
  core::Guid watermark_mark;
  std::int64_t version = 0;  // what it was in line with
  core::Guid mark;
  core::Timestamp evaluated_at;
  core::Timestamp read_at;
  std::int64_t run_id = 0;
  std::chrono::seconds age{0};  // since it was found so
};
using InLineByName = std::unordered_map<std::string, InLine>;
[[nodiscard]] InLineByName read_in_line(Connection& mirror);
[[nodiscard]] std::optional<InLine> read_in_line(Connection& mirror, const std::string& environment);
// Remembers that this run found them so, under the lease. Throws StoreError fenced.
void remember_in_line(Connection& mirror, const Lease& lease, const InLineByName& environments, std::int64_t run_id);

// Whether it was found in line while it stood where `state` says.
[[nodiscard]] bool holds_for(const InLine& found, const EnvironmentState& state);
// Where the environment stands by its own tables and by what the mirror remembers of it.
[[nodiscard]] EnvironmentState moved_on(EnvironmentState state, const std::optional<InLine>& found);

}  // namespace dvsync::store
