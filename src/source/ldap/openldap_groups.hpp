#pragma once
// Groups of OpenLDAP and 389 Directory Server: groupOfNames, groupOfUniqueNames, posixGroup. A group is one entry with
// all its members; it is read again when its entryCSN has moved.

#include <cstdint>
#include <string>
#include <unordered_set>

#include "groups.hpp"
#include "pull_phase.hpp"
#include "search.hpp"

namespace dvsync::source::ldap {

[[nodiscard]] ResolvedGroup resolve_openldap_group(PullContext& context, const std::string& name,
                                                   const std::stop_token& stop);

// The members and owners of one group, one after the other. Members stay in the server's message: a group of a million
// costs its wire size once.
class OpenldapMembers {
 public:
  OpenldapMembers(Connection& connection, const std::string& dn, const std::stop_token& stop);

  struct Member {
    MembershipRecord::Relation relation = MembershipRecord::Relation::member;
    MemberRef reference;
  };
  bool next(Member& member);

 private:
  MessagePtr message_;
  std::optional<EntryReader> entry_;
  std::size_t position_ = 0;
  bool reading_ = false;
};

// Which DNs are groups, as hashes: 8 bytes a group.
class GroupNames {
 public:
  GroupNames(PullContext& context, const std::stop_token& stop);
  [[nodiscard]] bool contains(std::string_view folded_dn) const;

 private:
  std::unordered_set<std::uint64_t> hashes_;
};

[[nodiscard]] std::unique_ptr<PullPhase> openldap_groups_phase(PullContext& context, const std::stop_token& stop);

}  // namespace dvsync::source::ldap
