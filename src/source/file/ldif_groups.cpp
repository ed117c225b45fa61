#include "source/file/ldif_groups.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "source/distinguished_name.hpp"
#include "source/ldap_roles.hpp"
#include "source/ldap_values.hpp"

namespace dvsync::source::file {
namespace {

using Relation = MembershipRecord::Relation;
using RefKind = MemberRef::Kind;

struct ReferringAttribute {
  std::string_view name;
  Relation relation;
  RefKind kind;
};

constexpr std::array referring_attributes{
    ReferringAttribute{"member", Relation::member, RefKind::distinguished_name},
    ReferringAttribute{"uniquemember", Relation::member, RefKind::distinguished_name},
    ReferringAttribute{"memberuid", Relation::member, RefKind::login},
    ReferringAttribute{"owner", Relation::owner, RefKind::distinguished_name},
    ReferringAttribute{"managedby", Relation::owner, RefKind::distinguished_name},
};

}  // namespace

bool holds_reference(std::string_view attribute) {
  return std::ranges::find(referring_attributes, attribute, &ReferringAttribute::name) != referring_attributes.end();
}

std::optional<LdifReference> reference_in(const LdifLine& line) {
  const auto* const found = std::ranges::find(referring_attributes, line.name, &ReferringAttribute::name);
  if (found == referring_attributes.end()) return std::nullopt;
  std::string name =
      found->kind == RefKind::login ? fold_login(line.value) : fold_distinguished_name(without_bit_string(line.value));
  return LdifReference{found->relation, {.kind = found->kind, .object_id = {}, .name = std::move(name)}};
}

LdifRoles::LdifRoles(const config::LdapPolicy& policy) : policy_(policy) {
  for (RoleGroup& group : role_groups(policy)) {
    groups_.push_back({.role = group.role,
                       .dn = fold_distinguished_name(group.name),
                       .written = std::move(group.name),
                       .trouble = {}});
  }
}

bool LdifRoles::has(std::string_view dn) const {
  return std::ranges::find(groups_, dn, &Followed::dn) != groups_.end();
}

void LdifRoles::saw(std::string_view dn) {
  for (Followed& group : groups_) group.seen = group.seen || group.dn == dn;
}

void LdifRoles::distrust(std::string_view dn, const std::string& why) {
  for (Followed& group : groups_) {
    if (group.dn == dn && group.trouble.empty()) group.trouble = why;
  }
}

void LdifRoles::distrust_all(const std::string& why) {
  for (Followed& group : groups_) {
    if (group.trouble.empty()) group.trouble = why;
  }
}

void LdifRoles::deliver(std::string_view dn, const MemberRef& member, Page& page) const {
  for (const Followed& group : groups_) {
    if (group.dn == dn) page.roles.push_back({.role = group.role, .member = member});
  }
}

void LdifRoles::conclude(PullEnd& end, bool snapshot) const {
  initial_roles(policy_, end);
  for (const Followed& group : groups_) {
    Completeness& coverage = end.roles[static_cast<std::size_t>(group.role)];
    const Completeness of_unseen = snapshot ? Completeness::unreadable : Completeness::changes;
    coverage = group.seen ? Completeness::complete : of_unseen;
    if (!group.trouble.empty()) {
      coverage = Completeness::unreadable;
      end.warnings.push_back("the members of " + group.written + " are unknown: " + group.trouble);
    } else if (coverage == Completeness::unreadable) {
      end.warnings.push_back("the export has no group " + group.written +
                             ": export it too, or correct the configuration");
    }
  }
}

}  // namespace dvsync::source::file
