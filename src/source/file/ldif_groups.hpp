#pragma once
// The groups of an LDIF file: which lines name members and owners, and which groups stand for a role or a licence.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "dvsync/config/configuration.hpp"
#include "dvsync/source/directory_source.hpp"
#include "source/file/ldif_lines.hpp"

namespace dvsync::source::file {

// What a line of a group's entry refers to.
struct LdifReference {
  MembershipRecord::Relation relation = MembershipRecord::Relation::member;
  MemberRef to;
};

// nullopt: the line is no member and no owner.
[[nodiscard]] std::optional<LdifReference> reference_in(const LdifLine& line);
[[nodiscard]] bool holds_reference(std::string_view attribute);  // in lower case

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
  struct Followed {
    RoleName role;
    std::string dn;       // folded
    std::string written;  // as configured
    bool seen = false;
    std::string trouble;
  };
  const config::LdapPolicy& policy_;
  std::vector<Followed> groups_;
};

}  // namespace dvsync::source::file
