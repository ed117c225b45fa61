#pragma once
// Where the bearer token may go. Links that Graph hands out (nextLink, deltaLink, Location) are opaque and absolute;
// each one is checked against the configured Graph root before it is used, and then used byte for byte.

#include <array>
#include <string>
#include <string_view>
#include <vector>

#include "dvsync/core/guid.hpp"
#include "source/graph_schema.hpp"

namespace dvsync::source::graph {

class Origin {
 public:
  // `root` is the configured Graph root, "https://graph.microsoft.com". Throws SourceError when it is not an https URL.
  explicit Origin(std::string root);

  // Same scheme, host and port, and no user information.
  [[nodiscard]] bool owns(std::string_view link) const;

  // Throws SourceError (malformed): a link elsewhere ends the run.
  void demand(std::string_view link, const std::string& where) const;

  // Without a slash at the end.
  [[nodiscard]] const std::string& root() const { return root_; }
  [[nodiscard]] const std::string& host() const { return host_; }

 private:
  std::string root_;
  std::string host_;
  std::string port_;
};

// Whether the link carries this query option ("$deltatoken"), ignoring case and percent-encoding.
[[nodiscard]] bool has_query_option(std::string_view link, std::string_view option);

// One segment of a path, or a value in a query, percent-encoded.
[[nodiscard]] std::string percent_encoded(std::string_view text);

// Graph takes this many ids in the $filter of a delta query.
inline constexpr std::size_t ids_per_filter = 50;

// The questions asked of Graph, as URLs below the configured root.
class Queries {
 public:
  explicit Queries(std::string root) : root_(std::move(root) + "/v1.0") {}

  [[nodiscard]] std::string users_delta() const;
  // What gates ask for, read independently of the delta (docs/sources.md, Delta queries).
  [[nodiscard]] std::string account_states() const;
  [[nodiscard]] std::string groups_delta(const std::vector<core::Guid>& ids) const;
  [[nodiscard]] std::string role_members(const AdministratorRole& role) const;

  [[nodiscard]] std::string user(std::string_view name_or_id) const;
  [[nodiscard]] std::string deleted_user(const core::Guid& id) const;
  [[nodiscard]] std::string check_member_groups(const core::Guid& user) const;
  [[nodiscard]] std::string direct_groups(const core::Guid& user) const;
  [[nodiscard]] std::string group_owners(const core::Guid& group) const;

  [[nodiscard]] std::string group_kind(const core::Guid& group) const;
  [[nodiscard]] std::string subscriptions() const;
  // A delta query "from now on": proves the right to ask it, and returns no data.
  [[nodiscard]] static std::string from_now_on(const std::string& delta_query);

 private:
  std::string root_;
};

}  // namespace dvsync::source::graph
