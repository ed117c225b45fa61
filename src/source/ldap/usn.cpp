// Active Directory by uSNChanged polling: for accounts without the replication right, for a part of a domain, or with a
// user_filter. The numbers are those of one database copy on one server; another copy means a full load.

#include <fmt/format.h>

#include <array>
#include <functional>
#include <utility>

#include "active_directory.hpp"
#include "failure.hpp"
#include "pull_phase.hpp"
#include "search.hpp"
#include "source/ascii.hpp"
#include "user_entry.hpp"

namespace dvsync::source::ldap {
namespace {

constexpr std::string_view every_user = "(&(objectClass=user)(!(objectClass=computer)))";

class UsnUsers : public PullPhase {
 public:
  UsnUsers(PullContext& context, std::int64_t since) : context_(context), reader_(context.schema) {
    context.end.users = context.full ? Completeness::complete : Completeness::changes;
    const std::string changed = fmt::format("(uSNChanged>={})", since + 1);
    const std::string& filter = context.schema.user_filter;
    add_phase(context.schema.base, context.full ? filter : both(filter, changed), false, &UsnUsers::take_user);
    if (context.full) return;
    // Tombstones lie in a container of their own, below the root of the domain.
    add_phase(context.root.context_of(context.schema.base),
              fmt::format("(&(isDeleted=TRUE)(objectClass=user)(!(objectClass=computer)){})", changed), true,
              &UsnUsers::take_gone);
    if (context.directory.user_filter) {
      add_phase(context.schema.base, fmt::format("(&{}{}(!{}))", every_user, changed, filter), false,
                &UsnUsers::take_gone);
    }
  }

  bool fill(Page& page, const std::stop_token& stop) override {
    while (!is_full(page)) {
      if (!search_ && !next_phase()) return false;
      const MessagePtr message = search_->next(stop);
      if (!message) {
        search_.reset();
        continue;
      }
      ++context_.end.records;
      EntryReader entry(context_.connection->handle(), message.get());
      LdapAccount user = reader_.read(entry, true);
      if (user.has_id()) {
        std::invoke(take_, this, page, user);
      } else {
        page.rejected.push_back(without_object_id(entry.dn(), "objectGUID"));
      }
    }
    return true;
  }

 private:
  using Take = void (UsnUsers::*)(Page&, LdapAccount&);
  struct Phase {
    SearchRequest request;
    Take take;
  };

  void add_phase(const std::string& base, const std::string& filter, bool deleted, Take take) {
    std::vector<std::string> attributes = context_.schema.user_attributes;
    attributes.emplace_back("lastKnownParent");
    SearchRequest request{.base = base,
                          .scope = LDAP_SCOPE_SUBTREE,
                          .filter = filter,
                          .attributes = std::move(attributes),
                          .controls = {}};
    if (deleted) request.controls.push_back(show_deleted());
    phases_.push_back({.request = std::move(request), .take = take});
  }

  bool next_phase() {
    if (phase_ == phases_.size()) {
      if (context_.full && !std::exchange(judged_, true)) demand_somebody(users_, context_);
      if (phase_ == phases_.size() && !std::exchange(warned_, true)) reader_.warn(context_.end.warnings);
      return false;
    }
    Phase& phase = phases_[phase_++];
    take_ = phase.take;
    search_.emplace(*context_.connection, std::move(phase.request), "reading changes (uSNChanged)");
    return true;
  }

  void take_user(Page& page, LdapAccount& user) {
    if (user.machine) return;
    ++users_;
    if (user.primary_group) context_.groups.read_again(*user.primary_group);
    if (user.was_deleted_once && !context_.full) {
      // It may just have been restored; memberships come back, or not, without a change of the group.
      for (TrackedGroup& group : context_.groups.all()) group.told = false;
    }
    page.identities.push_back(std::move(user.record));
  }

  void take_gone(Page& page, LdapAccount& user) { emit_gone(page, context_, user.record.object_id); }

  PullContext& context_;
  UserReader reader_;
  std::vector<Phase> phases_;
  std::size_t phase_ = 0;
  Take take_ = nullptr;
  std::optional<PagedSearch> search_;
  std::uint64_t users_ = 0;
  bool judged_ = false;
  bool warned_ = false;
};

}  // namespace

PullPhases usn_phases(PullContext& context, const std::stop_token& stop) {
  const DatabaseCopy copy = compare_database_copy(context, stop);
  const auto since = parse_number(context.remembered(highest_usn_key));
  if (outlived_tombstones(context, stop) || copy != DatabaseCopy::same || !since) context.full = true;
  if (!context.end.cursor.contains(highest_usn_key)) {
    throw malformed(fmt::format("{} shows no invocationId or no highestCommittedUSN: uSNChanged polling needs both",
                                context.connection->url()));
  }
  context.end.cursor[pinned_server_key] = context.connection->url();
  prepare_active_directory_groups(context, true, stop);
  PullPhases phases;
  phases.push_back(std::make_unique<UsnUsers>(context, since.value_or(0)));
  phases.push_back(active_directory_groups_phase(context));
  return phases;
}

}  // namespace dvsync::source::ldap
