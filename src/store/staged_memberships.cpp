#include "staged_memberships.hpp"

#include <algorithm>

#include "dvsync/store/postgres/values.hpp"
#include "first_load.hpp"
#include "known_records.hpp"
#include "merge_sql.hpp"

namespace dvsync::store {

void StagedMemberships::stage(const EncodedPage& page) {
  if (page.memberships.empty()) return;
  any_removed_ = any_removed_ || std::ranges::any_of(page.memberships, &EncodedMembership::removed);
  straight_ = straight_ && load(page);
  if (straight_) return;
  if (!first_load_ && !known_ && staged_ >= many_records) remember_all_known();
  staged_ += static_cast<std::int64_t>(page.memberships.size());
  if (known_) {
    mirror_.copy_in("COPY stage_membership FROM STDIN", unknown_of(page));
  } else {
    mirror_.copy_in("COPY stage_membership FROM STDIN", page.membership_lines.lines());
  }
}

// A page straight into the mirror. False: it names somebody for the second time, or must be compared first.
bool StagedMemberships::load(const EncodedPage& page) {
  CopyLines lines;
  for (const auto& membership : page.memberships) {
    if (membership.removed || !membership.member) return false;
    lines.guid(membership.group).number(static_cast<int>(membership.relation)).guid(*membership.member);
    lines.boolean(membership.member_is_group).guid(*membership.member).end_line();  // an id is its own member_key
  }
  return load_page(mirror_,
                   "COPY our.membership (group_id, relation, member_id, member_is_group, member_key) FROM STDIN",
                   lines.lines());
}

void StagedMemberships::remember_all_known() {
  mirror_.exec("SET enable_seqscan = on");
  if (!held_) held_ = mirror_.exec("SELECT count(*) FROM our.membership").number(0, 0);
  const bool many = staged_ >= *held_ / many_of_all && *held_ <= KnownMembers::most;
  if (many) known_ = std::make_unique<KnownMembers>(mirror_);
  mirror_.exec("SET enable_seqscan = off");
  if (!known_) return;
  read_memberships(mirror_, "stage_membership WHERE member_id IS NOT NULL AND NOT removed",
                   [&](const auto& group, auto relation, const auto& member) { known_->see(group, relation, member); });
}

// Once a membership was withdrawn, it may come back: the last word counts, and nothing is left out any more.
std::string StagedMemberships::unknown_of(const EncodedPage& page) {
  std::string unknown;
  for (const auto& membership : page.memberships) {
    const bool is_known = !membership.removed && membership.member &&
                          known_->see(membership.group, membership.relation, *membership.member);
    if (!is_known || any_removed_) unknown += page.line_of(membership);
  }
  return unknown;
}

// Who was looked up since the mirror was read, and lost or gained a membership by that, is compared by the server,
// which must know then what was left out. Whose memberships move, moves in version.
void StagedMemberships::stage_left_out() {
  const auto moved = mirror_.exec("SELECT object_id FROM our.identity WHERE version > 1 AND version > $1::bigint",
                                  {std::to_string(known_->version())});
  CopyLines lines;
  for (int row = 0; row < moved.size(); ++row) {
    const auto member = guid_at(moved, row, 0).value();
    known_->for_each_seen_of(member, [&](const auto& group, auto relation) {
      lines.number(0).guid(group).number(static_cast<int>(relation)).guid(member).null();  // any other word came later
      lines.boolean(false).boolean(false).end_line();
    });
  }
  mirror_.copy_in("COPY stage_membership FROM STDIN", lines.lines());
}

void StagedMemberships::stage_unseen(const source::PullEnd& end) {
  CopyLines lines;
  const auto list = [&](const auto& group, auto relation, source::Completeness told) {
    if (told != source::Completeness::complete) return;
    known_->for_each_unseen(group.object_id, relation, [&](const auto& member) {
      lines.guid(group.object_id).number(static_cast<int>(relation)).guid(member).end_line();
    });
  };
  for (const auto& group : end.groups) {
    list(group, KnownMembers::Relation::member, group.members);
    list(group, KnownMembers::Relation::owner, group.owners);
  }
  mirror_.copy_in("COPY stage_unseen_member FROM STDIN", lines.lines());
}

void StagedMemberships::merge(const source::PullEnd& end) {
  if (known_) {
    stage_left_out();
    stage_unseen(end);
  }
  merge_sql::merge_memberships(
      mirror_, {.first_load = first_load_, .compared_at = known_ ? std::optional(known_->version()) : std::nullopt},
      end.users == source::Completeness::complete);
}

}  // namespace dvsync::store
