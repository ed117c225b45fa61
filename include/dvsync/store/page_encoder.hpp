#pragma once
// A page of the directory in the form in which it is staged: lines for COPY, and hashes. Pure work for a processor,
// apart from the session, so that reading and encoding go on while PostgreSQL takes the page before.

#include <cstdint>
#include <optional>
#include <unordered_set>
#include <vector>

#include "dvsync/source/directory_source.hpp"
#include "dvsync/store/postgres/copy_line.hpp"

namespace dvsync::store {

struct EncodedIdentity {
  core::Guid object_id;
  bool whole = true;
  std::int64_t sequence = 0;  // its place among the records of this pull
  unsigned stated = 0;        // bits: the attributes in their order, then account, expiry, guest, plans, names, agent
  std::int64_t hash = 0;      // of everything the record says
  std::size_t begin = 0;      // its line in `facts`, without the line break
  std::size_t end = 0;
};

struct EncodedMembership {
  core::Guid group;
  source::MembershipRecord::Relation relation = source::MembershipRecord::Relation::member;
  std::optional<core::Guid> member = {};  // nullopt: known by a name
  bool member_is_group = false;
  bool removed = false;
  std::size_t begin = 0;  // its line in `membership_lines`, with the line break
  std::size_t end = 0;
};

struct EncodedPage {
  std::vector<EncodedIdentity> identities;
  CopyLines facts;
  CopyLines plan_sets;  // those no earlier page brought
  std::vector<EncodedMembership> memberships;
  CopyLines membership_lines;
  CopyLines roles;
  CopyLines rejected;
  std::int64_t rejected_records = 0;
  std::int64_t anonymous_records = 0;  // of these, records that do not even say whose they are
  std::int64_t unknown_objects = 0;    // besides: rejected only if the mirror knows them as users
  bool states_plans = false;

  [[nodiscard]] std::string_view facts_of(const EncodedIdentity& identity) const {
    return facts.lines().substr(identity.begin, identity.end - identity.begin);
  }
  [[nodiscard]] std::string_view line_of(const EncodedMembership& membership) const {
    return membership_lines.lines().substr(membership.begin, membership.end - membership.begin);
  }
  void clear();
};

// One for each pull; one thread at a time.
class PageEncoder {
 public:
  // `encoded` is cleared first and owns everything it shows.
  void encode(const source::Page& page, EncodedPage& encoded);

 private:
  void encode_identity(const source::IdentityRecord& record, EncodedPage& encoded);
  void encode_memberships(const source::Page& page, EncodedPage& encoded);
  std::int64_t plan_set_of(const std::vector<core::Guid>& plans, CopyLines& plan_sets);

  std::int64_t sequence_ = 0;
  std::unordered_set<std::int64_t> plan_sets_;  // encoded already; bounded
};

}  // namespace dvsync::store
