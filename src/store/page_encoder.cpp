#include "dvsync/store/page_encoder.hpp"

#include <xxhash.h>

#include <algorithm>

#include "dvsync/core/reason.hpp"

namespace dvsync::store {
namespace {

constexpr std::size_t plan_sets_remembered = 100'000;
constexpr std::string_view unknown_object_type = core::code_of(core::Reason::unknown_object_type);
constexpr std::string_view unknown_object_detail =
    "the directory shows it as an object of a type that dvsync does not know";

std::int64_t hash_of(std::string_view bytes, std::uint64_t seed) {
  return static_cast<std::int64_t>(XXH3_64bits_withSeed(bytes.data(), bytes.size(), seed));
}

std::optional<std::string> member_name(const source::MemberRef& member) {
  using Kind = source::MemberRef::Kind;
  if (member.kind == Kind::object_id) return std::nullopt;
  return (member.kind == Kind::distinguished_name ? "dn:" : "uid:") + member.name;
}

void write_member(CopyLines& lines, const source::MemberRef& member) {
  if (member.kind == source::MemberRef::Kind::object_id) {
    lines.guid(member.object_id).null();
  } else {
    lines.null().text(member_name(member));
  }
}

unsigned stated_bits(const source::IdentityRecord& record) {
  enum : unsigned { account = 15, expiry, guest, plans, name, login, agent };
  auto stated = static_cast<unsigned>(record.stated.to_ulong());
  const auto state = [&](bool is_stated, unsigned bit) { stated |= is_stated ? 1U << bit : 0U; };
  state(record.account_enabled.has_value(), account);
  state(record.expiry_stated, expiry);
  state(record.guest.has_value(), guest);
  state(record.plans.has_value() || record.plans_unknown, plans);
  state(record.distinguished_name.has_value(), name);
  state(record.login.has_value(), login);
  state(record.agent.has_value(), agent);
  return stated;
}

}  // namespace

void EncodedPage::clear() {
  identities.clear();
  memberships.clear();
  for (auto* lines : {&facts, &plan_sets, &membership_lines, &roles, &rejected}) lines->clear();
  rejected_records = anonymous_records = unknown_objects = 0;
  states_plans = false;
}

void PageEncoder::encode(const source::Page& page, EncodedPage& encoded) {
  encoded.clear();
  encoded.identities.reserve(page.identities.size());
  for (const auto& record : page.identities) encode_identity(record, encoded);
  encode_memberships(page, encoded);
  for (const auto& object : page.unknown_objects) {
    encoded.rejected.guid(object.object_id).text(std::string_view(object.where));
    encoded.rejected.text(unknown_object_type).text(unknown_object_detail).end_line();
    ++encoded.unknown_objects;
  }
  for (const auto& rejected : page.rejected) {
    ++encoded.rejected_records;
    if (!rejected.object_id) ++encoded.anonymous_records;
    encoded.rejected.guid(rejected.object_id).text(std::string_view(rejected.where));
    encoded.rejected.text(std::string_view(rejected.reason)).text(std::string_view(rejected.detail)).end_line();
  }
}

// The facts are the mirror's columns, in its order.
void PageEncoder::encode_identity(const source::IdentityRecord& record, EncodedPage& encoded) {
  auto& facts = encoded.facts;
  EncodedIdentity identity{.object_id = record.object_id,
                           .whole = record.whole,
                           .sequence = ++sequence_,
                           .stated = stated_bits(record),
                           .begin = facts.size()};
  facts.number(static_cast<int>(record.lifecycle)).timestamp(record.deleted_at);
  facts.boolean(record.account_enabled).timestamp(record.account_expires).boolean(record.guest.value_or(false));
  facts.boolean(record.agent.value_or(false));
  if (record.plans) {
    facts.number(plan_set_of(*record.plans, encoded.plan_sets));
    encoded.states_plans = true;
  } else {
    facts.null();
  }
  facts.text(record.defect.empty() ? core::Text() : core::Text(record.defect));
  facts.text(record.distinguished_name).text(record.login);
  for (const auto& value : record.profile.values) facts.text(value);
  identity.end = facts.size();
  identity.hash = hash_of(encoded.facts_of(identity), identity.stated);
  facts.end_line();
  encoded.identities.push_back(identity);
}

std::int64_t PageEncoder::plan_set_of(const std::vector<core::Guid>& plans, CopyLines& plan_sets) {
  if (plans.empty()) return 0;
  auto sorted = plans;
  std::sort(sorted.begin(), sorted.end());
  sorted.erase(std::unique(sorted.begin(), sorted.end()), sorted.end());
  const auto hash = hash_of({reinterpret_cast<const char*>(sorted.data()), sorted.size() * sizeof(core::Guid)}, 0);
  if (plan_sets_.size() >= plan_sets_remembered) plan_sets_.clear();
  if (plan_sets_.insert(hash).second) {
    std::string array = "{";
    for (const auto& plan : sorted) array += (array.size() > 1 ? "," : "") + core::to_string(plan);
    plan_sets.number(hash).raw(array + "}").end_line();
  }
  return hash;
}

void PageEncoder::encode_memberships(const source::Page& page, EncodedPage& encoded) {
  auto& lines = encoded.membership_lines;
  encoded.memberships.reserve(page.memberships.size());
  for (const auto& membership : page.memberships) {
    EncodedMembership staged{.group = membership.group,
                             .relation = membership.relation,
                             .member_is_group = membership.member_is_group,
                             .removed = membership.removed,
                             .begin = lines.size()};
    if (membership.member.kind == source::MemberRef::Kind::object_id) staged.member = membership.member.object_id;
    lines.number(++sequence_).guid(membership.group).number(static_cast<int>(membership.relation));
    write_member(lines, membership.member);
    lines.boolean(membership.member_is_group).boolean(membership.removed).end_line();
    staged.end = lines.size();
    encoded.memberships.push_back(staged);
  }
  for (const auto& role : page.roles) {
    encoded.roles.number(++sequence_).number(static_cast<int>(role.role));
    write_member(encoded.roles, role.member);
    encoded.roles.boolean(role.removed).end_line();
  }
}

}  // namespace dvsync::store
