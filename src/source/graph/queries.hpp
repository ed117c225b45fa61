#pragma once
// The questions asked of Graph, as URLs below the configured root.

#include <array>
#include <string>
#include <string_view>
#include <vector>

#include "dvsync/core/guid.hpp"
#include "dvsync/source/directory_source.hpp"

namespace dvsync::source::graph {

// Graph takes this many ids in the $filter of a delta query.
inline constexpr std::size_t ids_per_filter = 50;

struct AdministratorRole {
  RoleName name;
  std::string_view template_id;
  std::string_view title;
};

// Microsoft Entra built-in roles; their template ids are the same in every tenant.
inline constexpr std::array administrator_roles{
    AdministratorRole{RoleName::global_administrator, "62e90394-69f5-4237-9190-012177145e10", "Global Administrator"},
    AdministratorRole{RoleName::power_platform_administrator, "11648597-926c-4cf3-9c36-bcebb0ba8dcc",
                      "Power Platform Administrator"},
    AdministratorRole{RoleName::dynamics365_administrator, "44367163-eba1-44c3-98af-f5787879f96a",
                      "Dynamics 365 Administrator"},
};

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
