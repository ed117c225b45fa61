#include "openldap_groups.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "dvsync/core/text.hpp"
#include "failure.hpp"
#include "source/distinguished_name.hpp"
#include "source/ldap_values.hpp"

namespace dvsync::source::ldap {
namespace {

constexpr std::string_view group_classes =
    "(|(objectClass=groupOfNames)(objectClass=groupOfUniqueNames)(objectClass=groupOfMembers)(objectClass=posixGroup))";

MemberRef by_name(std::string_view dn) {
  return {.kind = MemberRef::Kind::distinguished_name, .object_id = {}, .name = fold_distinguished_name(dn)};
}

MemberRef by_login(std::string_view login) {
  return {.kind = MemberRef::Kind::login, .object_id = {}, .name = fold_login(login)};
}

// Emits the groups one after the other; nested ones join the queue while their parents are read.
class GroupsPhase : public PullPhase {
 public:
  GroupsPhase(PullContext& context, const std::stop_token& stop) : context_(context) {
    context.groups.resolve(context, resolve_openldap_group, stop);
  }

  bool fill(Page& page, const std::stop_token& stop) override {
    while (!is_full(page)) {
      if (!members_ && !open_next(stop)) return false;
      OpenldapMembers::Member member;
      if (members_->next(member)) {
        emit(page, member, stop);
      } else {
        close();
      }
    }
    return true;
  }

 private:
  bool open_next(const std::stop_token& stop) {
    while (const TrackedGroup* untold = context_.groups.first_untold()) {
      id_ = untold->id;
      ++context_.end.records;
      state_ = {.purpose = purpose_of(current(), context_.request), .version = current().version, .nested = {}};
      const auto known = remembered_state(context_, id_);
      const bool unchanged =
          known && !state_.version.empty() && known->purpose == state_.purpose && known->version == state_.version;
      if (!unchanged) {
        members_.emplace(*context_.connection, current().dn, stop);
        return true;
      }
      report(context_, current(), Completeness::changes);
      remember_state(context_, id_, *known);
      current().told = true;
      for (const std::string& dn : known->nested) follow(dn, stop);
    }
    return false;
  }

  void emit(Page& page, const OpenldapMembers::Member& member, const std::stop_token& stop) {
    if (member.relation == MembershipRecord::Relation::owner) {
      emit_owner(page, current(), member.reference, false);
      return;
    }
    const bool is_group = is_group_name(member.reference, stop);
    emit_member(page, current(), member.reference, is_group, false);
    if (!is_group) return;
    state_.nested.push_back(member.reference.name);
    follow(member.reference.name, stop);
  }

  bool is_group_name(const MemberRef& reference, const std::stop_token& stop) {
    if (!current().security || !context_.request.nested_groups) return false;
    if (reference.kind != MemberRef::Kind::distinguished_name) return false;
    if (!names_) names_.emplace(context_, stop);
    return names_->contains(reference.name);
  }

  void follow(const std::string& dn, const std::stop_token& stop) {
    const ResolvedGroup nested = resolve_openldap_group(context_, dn, stop);
    if (nested.id) context_.groups.add_nested(nested);
  }

  void close() {
    report(context_, current(), Completeness::complete);
    remember_state(context_, id_, state_);
    members_.reset();
    current().told = true;
  }

  // By id: a nested group that joins moves the others.
  [[nodiscard]] TrackedGroup& current() { return *context_.groups.find(id_); }

  PullContext& context_;
  core::Guid id_;
  GroupState state_;
  std::optional<OpenldapMembers> members_;
  std::optional<GroupNames> names_;
};

}  // namespace

ResolvedGroup resolve_openldap_group(PullContext& context, const std::string& name, const std::stop_token& stop) {
  SearchRequest request{.base = name,
                        .scope = LDAP_SCOPE_BASE,
                        .filter = "(objectClass=*)",
                        .attributes = {"entryUUID", "nsUniqueId", "entryCSN"},
                        .controls = {}};
  if (const auto id = core::parse_guid(name)) {
    request.base = context.root.context_of(context.schema.base);
    request.scope = LDAP_SCOPE_SUBTREE;
    request.filter = fmt::format("(|(entryUUID={})(nsUniqueId={}))", core::to_string(*id), to_unique_id(*id));
  }
  const SearchResult answer = search_all(*context.connection, request, stop);
  if (answer.result.code != LDAP_SUCCESS && answer.result.code != LDAP_NO_SUCH_OBJECT &&
      answer.result.code != LDAP_INSUFFICIENT_ACCESS && answer.result.code != LDAP_INVALID_DN_SYNTAX) {
    throw failure(answer.result, fmt::format("looking for the group {}", name));
  }
  if (answer.entries.empty()) {
    return {.id = std::nullopt,
            .dn = {},
            .version = {},
            .fault = fmt::format("there is no group {}, or the account may not see it", name)};
  }
  const SmallEntry& entry = answer.entries.front();
  return {.id = group_id_of(entry),
          .dn = entry.dn,
          .version = entry.text("entryCSN"),
          .fault = fmt::format("the group {} shows no entryUUID; the account may lack the right to read it", name)};
}

OpenldapMembers::OpenldapMembers(Connection& connection, const std::string& dn, const std::stop_token& stop) {
  Search search(connection, {.base = dn,
                             .scope = LDAP_SCOPE_BASE,
                             .filter = "(objectClass=*)",
                             .attributes = {"member", "uniqueMember", "memberUid", "owner"},
                             .controls = {}});
  while (MessagePtr message = search.next(stop)) {
    if (ldap_msgtype(message.get()) == LDAP_RES_SEARCH_ENTRY) message_ = std::move(message);
  }
  if (search.result().code != LDAP_SUCCESS) throw failure(search.result(), fmt::format("reading the group {}", dn));
  if (!message_) throw SourceError(SourceError::Kind::unavailable, fmt::format("the group {} has just vanished", dn));
  entry_.emplace(connection.handle(), message_.get());
}

bool OpenldapMembers::next(Member& member) {
  while (!reading_ || position_ >= entry_->values().size()) {
    if (!entry_->next()) return false;
    reading_ = parse_description(entry_->name()).is_plain();
    position_ = 0;
  }
  const std::string_view value = as_view(entry_->values()[position_++]);
  const bool owner = core::equal_ignoring_ascii_case(entry_->name(), "owner");
  member.relation = owner ? MembershipRecord::Relation::owner : MembershipRecord::Relation::member;
  member.reference = core::equal_ignoring_ascii_case(entry_->name(), "memberUid") ? by_login(value)
                                                                                  : by_name(without_bit_string(value));
  return true;
}

GroupNames::GroupNames(PullContext& context, const std::stop_token& stop) {
  PagedSearch search(*context.connection,
                     {.base = context.root.context_of(context.schema.base),
                      .scope = LDAP_SCOPE_SUBTREE,
                      .filter = std::string(group_classes),
                      .attributes = {"1.1"},
                      .controls = {}},
                     "listing groups");
  while (const MessagePtr message = search.next(stop)) {
    hashes_.insert(hash_of(fold_distinguished_name(EntryReader(context.connection->handle(), message.get()).dn())));
  }
}

bool GroupNames::contains(std::string_view folded_dn) const { return hashes_.contains(hash_of(folded_dn)); }

std::unique_ptr<PullPhase> openldap_groups_phase(PullContext& context, const std::stop_token& stop) {
  return std::make_unique<GroupsPhase>(context, stop);
}

}  // namespace dvsync::source::ldap
