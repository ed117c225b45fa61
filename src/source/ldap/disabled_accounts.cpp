#include "disabled_accounts.hpp"

#include <fmt/format.h>

#include "failure.hpp"
#include "openldap_groups.hpp"
#include "search.hpp"
#include "source/ldap_values.hpp"

namespace dvsync::source::ldap {
namespace {

constexpr const char* disabled_key = "disabled";

std::uint64_t hash_of_id(const core::Guid& id) { return hash_of(core::to_string(id)); }

class AccountStates : public PullPhase {
 public:
  AccountStates(PullContext& context, const DisabledAccounts& disabled)
      : context_(context),
        disabled_(disabled),
        reader_(context.schema),
        search_(*context.connection,
                {.base = context.schema.base,
                 .scope = LDAP_SCOPE_SUBTREE,
                 .filter = context.schema.user_filter,
                 .attributes = {"entryUUID", "nsUniqueId", "uid"},
                 .controls = {}},
                "listing account states") {}

  bool fill(Page& page, const std::stop_token& stop) override {
    while (!is_full(page)) {
      const MessagePtr message = search_.next(stop);
      if (!message) return false;
      EntryReader entry(context_.connection->handle(), message.get());
      LdapAccount user = reader_.read(entry, false);
      if (!user.has_id()) continue;
      disabled_.apply(user.record);
      IdentityRecord& record = page.identities.emplace_back();
      record.whole = false;
      record.object_id = user.record.object_id;
      record.account_enabled = user.record.account_enabled;
      ++context_.end.records;
    }
    return true;
  }

 private:
  PullContext& context_;
  const DisabledAccounts& disabled_;
  UserReader reader_;
  PagedSearch search_;
};

}  // namespace

DisabledAccounts::DisabledAccounts(PullContext& context, const std::stop_token& stop) {
  switch (context.schema.disabled.kind) {
    case DisabledRule::Kind::usual:
    case DisabledRule::Kind::never:
    case DisabledRule::Kind::attribute:
      return;
    case DisabledRule::Kind::filter:
      read_filter(context, stop);
      break;
    case DisabledRule::Kind::group:
      read_group(context, stop);
      break;
  }
  active_ = true;
  const std::string state = fmt::format("{}:{:016x}", hashes_.size(), sum_);
  changed_ = context.remembered(disabled_key) != state;
  context.end.cursor[disabled_key] = state;
}

void DisabledAccounts::add(std::uint64_t hash) {
  if (hashes_.insert(hash).second) sum_ += hash;
}

void DisabledAccounts::read_filter(PullContext& context, const std::stop_token& stop) {
  UserReader reader(context.schema);
  PagedSearch search(*context.connection,
                     {.base = context.schema.base,
                      .scope = LDAP_SCOPE_SUBTREE,
                      .filter = both(context.schema.user_filter, context.schema.disabled.text),
                      .attributes = {"entryUUID", "nsUniqueId"},
                      .controls = {}},
                     "listing disabled accounts");
  while (const MessagePtr message = search.next(stop)) {
    EntryReader entry(context.connection->handle(), message.get());
    const LdapAccount user = reader.read(entry, false);
    if (user.has_id()) add(hash_of_id(user.record.object_id));
  }
}

void DisabledAccounts::read_group(PullContext& context, const std::stop_token& stop) {
  const ResolvedGroup group = resolve_openldap_group(context, context.schema.disabled.text, stop);
  if (!group.id) {
    throw SourceError(SourceError::Kind::denied,
                      fmt::format("who is disabled cannot be told: {}; check `disabled`", group.fault));
  }
  OpenldapMembers members(*context.connection, group.dn, stop);
  OpenldapMembers::Member member;
  while (members.next(member)) {
    if (member.relation == MembershipRecord::Relation::member) add(hash_of(member.reference.name));
  }
}

void DisabledAccounts::apply(IdentityRecord& record) const {
  if (!active_) return;
  const bool disabled = hashes_.contains(hash_of_id(record.object_id)) ||
                        (record.distinguished_name && hashes_.contains(hash_of(*record.distinguished_name))) ||
                        (record.login && hashes_.contains(hash_of(*record.login)));
  record.account_enabled = !disabled;
}

std::unique_ptr<PullPhase> account_states_phase(PullContext& context, const DisabledAccounts& disabled) {
  return std::make_unique<AccountStates>(context, disabled);
}

}  // namespace dvsync::source::ldap
