#pragma once
// Who administers and who is licensed in a directory that knows neither: members of configured groups.

#include <array>
#include <string>
#include <string_view>
#include <vector>

#include "dvsync/config/configuration.hpp"
#include "dvsync/source/directory_source.hpp"

namespace dvsync::source::file {

class LdifRoles {
 public:
  explicit LdifRoles(const config::LdapPolicy& policy);

  // Whether the group of this folded DN stands for a role.
  [[nodiscard]] bool has(std::string_view dn) const;
  void saw(std::string_view dn);
  void distrust(std::string_view dn, const std::string& why);
  void distrust_all(const std::string& why);
  void deliver(std::string_view dn, const MemberRef& member, Page& page) const;

  void conclude(PullEnd& end, bool snapshot) const;

 private:
  struct RoleGroup {
    RoleName role;
    std::string dn;       // folded
    std::string written;  // as configured
    bool seen = false;
    std::string trouble;
  };
  std::vector<RoleGroup> groups_;
  bool everybody_licensed_;
  bool names_administrators_;
};

}  // namespace dvsync::source::file
