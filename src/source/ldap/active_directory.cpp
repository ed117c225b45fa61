#include "active_directory.hpp"

#include <chrono>

#include "source/ascii.hpp"

namespace dvsync::source::ldap {
namespace {

constexpr const char* invocation_key = "invocation";
constexpr const char* pulled_at_key = "pulled_at";

}  // namespace

std::string by_guid(const core::Guid& id) { return "<GUID=" + core::to_string(id) + ">"; }

void emit_gone(Page& page, PullContext& context, const core::Guid& id) {
  IdentityRecord& record = page.identities.emplace_back();
  record.object_id = id;
  record.lifecycle = core::Lifecycle::gone;
  record.whole = false;
  const MemberRef member{.kind = MemberRef::Kind::object_id, .object_id = id, .name = {}};
  for (const TrackedGroup& group : context.groups.all()) {
    emit_member(page, group, member, false, true);
    emit_owner(page, group, member, true);
  }
}

bool outlived_tombstones(PullContext& context, const std::stop_token& stop) {
  using namespace std::chrono;
  const std::int64_t now = duration_cast<seconds>(system_clock::now().time_since_epoch()).count();
  context.end.cursor[pulled_at_key] = std::to_string(now);
  const auto last = parse_number(context.remembered(pulled_at_key));
  if (!last) return true;
  const std::int64_t lifetime = read_tombstone_lifetime(*context.connection, context.root, stop) * 86'400;
  return now - *last >= lifetime;
}

DatabaseCopy compare_database_copy(PullContext& context, const std::stop_token& stop) {
  const auto invocation = read_invocation_id(*context.connection, context.root, stop);
  const auto before = parse_number(context.remembered(highest_usn_key));
  if (!invocation || !context.root.highest_usn) return DatabaseCopy::other;
  context.end.cursor[invocation_key] = *invocation;
  context.end.cursor[highest_usn_key] = std::to_string(*context.root.highest_usn);
  if (!before || context.remembered(invocation_key) != *invocation) return DatabaseCopy::other;
  return *context.root.highest_usn < *before ? DatabaseCopy::restored : DatabaseCopy::same;
}

}  // namespace dvsync::source::ldap
