#pragma once
// A pull is a row of phases over one connection; each adds its records to pages until it has no more.

#include <cstddef>
#include <cstdint>
#include <memory>
#include <stop_token>
#include <string>
#include <vector>

#include "connection.hpp"
#include "dvsync/source/directory_source.hpp"
#include "groups.hpp"
#include "schema.hpp"
#include "server.hpp"

namespace dvsync::source::ldap {

inline constexpr std::size_t page_records = 2000;

[[nodiscard]] inline bool is_full(const Page& page) {
  return page.identities.size() + page.memberships.size() + page.roles.size() + page.rejected.size() >= page_records;
}

// What the phases of one pull share.
struct PullContext {
  const config::LdapDirectory& directory;
  const Schema& schema;
  const PullRequest& request;
  std::unique_ptr<Connection> connection;
  RootDse root;
  bool full = true;  // users and groups are read from scratch
  TrackedGroups groups;
  PullEnd end;  // grows while the phases work; its cursor too

  [[nodiscard]] std::string remembered(const std::string& key) const;  // of the request's cursor; empty: nothing
};

// A complete listing without a single user is taken for a mistake (a filter, a right), never for an empty directory.
void demand_somebody(std::uint64_t users, const PullContext& context);

// In the cursor: the address that uSNChanged polling must come back to.
inline constexpr const char* pinned_server_key = "server";

class PullPhase {
 public:
  PullPhase() = default;
  virtual ~PullPhase() = default;
  PullPhase(const PullPhase&) = delete;
  PullPhase& operator=(const PullPhase&) = delete;

  // Adds a page's worth at most; false: there is nothing left.
  virtual bool fill(Page& page, const std::stop_token& stop) = 0;
};

using PullPhases = std::vector<std::unique_ptr<PullPhase>>;

// Each mode composes its phases; the connection is open.
[[nodiscard]] PullPhases syncrepl_phases(PullContext& context, const std::stop_token& stop);
[[nodiscard]] PullPhases timestamp_phases(PullContext& context, const std::stop_token& stop);
[[nodiscard]] PullPhases dirsync_phases(PullContext& context, const std::stop_token& stop);
[[nodiscard]] PullPhases usn_phases(PullContext& context, const std::stop_token& stop);

}  // namespace dvsync::source::ldap
