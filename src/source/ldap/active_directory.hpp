#pragma once
// What DirSync and uSNChanged polling share: groups by object id, members in ranges, tombstones.

#include <optional>
#include <string>

#include "groups.hpp"
#include "message.hpp"
#include "pull_phase.hpp"
#include "search.hpp"

namespace dvsync::source::ldap {

// A name that survives renames and moves.
[[nodiscard]] std::string by_guid(const core::Guid& id);  // "<GUID=…>", as a search base

[[nodiscard]] ResolvedGroup resolve_active_directory_group(PullContext& context, const std::string& name,
                                                           const std::stop_token& stop);

// Resolves the groups, finds those nested in them, and marks as told what the cursor still knows. `by_version`: a group
// whose uSNChanged has moved is read again (DirSync tells its changes by itself).
void prepare_active_directory_groups(PullContext& context, bool by_version, const std::stop_token& stop);

// A member or owner as extended DN. nullopt: it is none.
[[nodiscard]] std::optional<MemberRef> member_of_extended_dn(std::string_view value);

// `member;range=0-1499` → member, 0, 1499; `member;range=1500-*` → open; `member` → no range.
struct AttributeRange {
  std::string_view attribute;
  bool ranged = false;
  std::int64_t first = 0;
  std::optional<std::int64_t> last;  // nullopt: up to the end
};
[[nodiscard]] AttributeRange parse_range(std::string_view description);

// Reads every group of which the pull has not told yet, whole and in ranges, and reports all of them at the end.
[[nodiscard]] std::unique_ptr<PullPhase> active_directory_groups_phase(PullContext& context);

// A user that is gone takes its memberships along; Active Directory does not report that as a change of the group.
void emit_gone(Page& page, PullContext& context, const core::Guid& id);

// The copy of the database that answers, compared with the one of the last pull: its numbers only grow, unless it was
// restored from a backup. Also notes what this pull has found.
enum class DatabaseCopy : std::uint8_t { same, restored, other };
[[nodiscard]] DatabaseCopy compare_database_copy(PullContext& context, const std::stop_token& stop);
inline constexpr const char* highest_usn_key = "usn";

// Whether deletions since the last pull may be forgotten by the server already. Also notes when this pull was.
[[nodiscard]] bool outlived_tombstones(PullContext& context, const std::stop_token& stop);

}  // namespace dvsync::source::ldap
