#include <fmt/format.h>

#include <algorithm>
#include <deque>
#include <utility>

#include "active_directory.hpp"
#include "dvsync/core/text.hpp"
#include "failure.hpp"
#include "source/ascii.hpp"
#include "source/ldap_values.hpp"

namespace dvsync::source::ldap {
namespace {

constexpr int attempts = 3;  // for a group that changes while its ranges are read

// The members and owner of one group, range by range.
class RangedMembers {
 public:
  RangedMembers(Connection& connection, const core::Guid& group, const std::stop_token& stop)
      : connection_(&connection), base_(by_guid(group)) {
    ask("member", stop);
  }

  struct Member {
    MembershipRecord::Relation relation = MembershipRecord::Relation::member;
    std::string_view value;
  };

  bool next(Member& member, const std::stop_token& stop) {
    while (!reading_ || position_ >= entry_->values().size()) {
      if (!next_attribute(stop)) return false;
    }
    member.relation = owner_ ? MembershipRecord::Relation::owner : MembershipRecord::Relation::member;
    member.value = as_view(entry_->values()[position_++]);
    return true;
  }

  // Ranges of a group that changes in between may miss a member.
  [[nodiscard]] bool consistent() const { return consistent_; }

 private:
  bool next_attribute(const std::stop_token& stop) {
    position_ = 0;
    reading_ = false;
    while (entry_->next()) {
      const AttributeRange range = parse_range(entry_->name());
      if (core::equal_ignoring_ascii_case(range.attribute, "uSNChanged")) {
        note_version(entry_->values());
        continue;
      }
      owner_ = core::equal_ignoring_ascii_case(range.attribute, "managedBy");
      if (!owner_ && range.ranged) note_range(range);
      reading_ = true;
      return true;
    }
    if (!following_) return false;
    ask(fmt::format("member;range={}-*", *std::exchange(following_, std::nullopt)), stop);
    return true;
  }

  // A server that repeats a range would be asked for ever.
  void note_range(const AttributeRange& range) {
    constexpr std::int64_t most_members = 1'000'000'000;
    const bool goes_on =
        range.first == expected_ && (!range.last || (*range.last >= range.first && *range.last < most_members));
    if (!goes_on) throw malformed("the server sends the members of a group in ranges that do not follow each other");
    if (!range.last) return;
    expected_ = *range.last + 1;
    following_ = expected_;
  }

  void note_version(std::span<const berval> values) {
    const std::string version(values.empty() ? std::string_view{} : as_view(values.front()));
    if (version_ && *version_ != version) consistent_ = false;
    version_ = version;
  }

  void ask(const std::string& member, const std::stop_token& stop) {
    entry_.reset();
    std::vector<std::string> attributes{member, "uSNChanged"};
    if (!version_) attributes.emplace_back("managedBy");
    Search search(*connection_, {.base = base_,
                                 .scope = LDAP_SCOPE_BASE,
                                 .filter = "(objectClass=group)",
                                 .attributes = std::move(attributes),
                                 .controls = {extended_dn()}});
    message_.reset();
    while (MessagePtr message = search.next(stop)) {
      if (ldap_msgtype(message.get()) == LDAP_RES_SEARCH_ENTRY) message_ = std::move(message);
    }
    if (search.result().code != LDAP_SUCCESS) throw failure(search.result(), "reading the members of a group");
    if (!message_) throw SourceError(SourceError::Kind::unavailable, "a group vanished while its members were read");
    entry_.emplace(connection_->handle(), message_.get());
  }

  Connection* connection_;
  std::string base_;
  MessagePtr message_;
  std::optional<EntryReader> entry_;
  std::size_t position_ = 0;
  bool reading_ = false;
  bool owner_ = false;
  bool consistent_ = true;
  std::int64_t expected_ = 0;  // where the next range begins
  std::optional<std::int64_t> following_;
  std::optional<std::string> version_;
};

class GroupsPhase : public PullPhase {
 public:
  explicit GroupsPhase(PullContext& context) : context_(context) {}

  bool fill(Page& page, const std::stop_token& stop) override {
    while (!is_full(page)) {
      if (primary_members_) {
        emit_primary_member(page, stop);
        continue;
      }
      if (!members_ && !open_next(stop)) return false;
      RangedMembers::Member member;
      if (members_->next(member, stop)) {
        emit(page, member);
      } else {
        close();
      }
    }
    return true;
  }

 private:
  bool open_next(const std::stop_token& stop) {
    group_ = context_.groups.first_untold();
    if (group_ == nullptr) {
      if (!std::exchange(reported_, true)) report_unchanged();
      return false;
    }
    ++context_.end.records;
    if (std::ranges::find(told_whole_, group_->id) == told_whole_.end()) told_whole_.push_back(group_->id);
    members_.emplace(*context_.connection, group_->id, stop);
    return true;
  }

  void emit(Page& page, const RangedMembers::Member& member) {
    const auto reference = member_of_extended_dn(member.value);
    if (!reference) throw malformed("the server does not name members by their GUID (extended DN)");
    if (member.relation == MembershipRecord::Relation::owner) {
      emit_owner(page, *group_, *reference, false);
      return;
    }
    const bool is_group = std::ranges::binary_search(group_->nested, core::to_string(reference->object_id));
    emit_member(page, *group_, *reference, is_group, false);
  }

  void close() {
    const bool consistent = members_->consistent();
    members_.reset();
    if (!consistent && ++attempt_ < attempts) return;  // from its first range again
    if (!consistent) {
      throw SourceError(SourceError::Kind::unavailable,
                        fmt::format("the group {} keeps changing while its members are read", group_->dn));
    }
    attempt_ = 0;
    if (group_->primary_id) {
      list_primary_members();
    } else {
      conclude();
    }
  }

  // A user's primary group does not list the user among its members.
  void list_primary_members() {
    primary_members_.emplace(*context_.connection,
                             SearchRequest{.base = context_.root.context_of(context_.schema.base),
                                           .scope = LDAP_SCOPE_SUBTREE,
                                           .filter = both(context_.schema.user_filter,
                                                          fmt::format("(primaryGroupID={})", *group_->primary_id)),
                                           .attributes = {"objectGUID"},
                                           .controls = {}},
                             "listing the users of a primary group");
  }

  void emit_primary_member(Page& page, const std::stop_token& stop) {
    const MessagePtr message = primary_members_->next(stop);
    if (!message) {
      primary_members_.reset();
      conclude();
      return;
    }
    const auto id = group_id_of(copy_entry(context_.connection->handle(), message.get()));
    if (!id) return;
    emit_member(page, *group_, {.kind = MemberRef::Kind::object_id, .object_id = *id, .name = {}}, false, false);
  }

  void conclude() {
    group_->told = true;
    report(context_, *group_, Completeness::complete);
  }

  void report_unchanged() {
    for (const TrackedGroup& group : context_.groups.all()) {
      remember_state(
          context_, group.id,
          {.purpose = purpose_of(group, context_.request), .version = group.version, .nested = group.nested});
      if (std::ranges::find(told_whole_, group.id) == told_whole_.end()) report(context_, group, Completeness::changes);
    }
  }

  PullContext& context_;
  TrackedGroup* group_ = nullptr;
  std::optional<RangedMembers> members_;
  std::optional<PagedSearch> primary_members_;
  std::vector<core::Guid> told_whole_;
  int attempt_ = 0;
  bool reported_ = false;
};

// The last number of the group's objectSid; only security groups, not those of mail, can be a primary group.
std::optional<std::int64_t> primary_id_of(const SmallEntry& entry) {
  const std::string* const sid = entry.first("objectSid");
  if (sid == nullptr || sid->size() < 12) return std::nullopt;
  std::uint32_t id = 0;
  for (std::size_t i = 0; i < 4; ++i) {
    id |= static_cast<std::uint32_t>(static_cast<unsigned char>((*sid)[sid->size() - 4 + i])) << (8 * i);
  }
  return id;
}

ResolvedGroup as_group(const SmallEntry& entry) {
  return {.id = group_id_of(entry),
          .dn = entry.dn,
          .version = entry.text("uSNChanged"),
          .fault = fmt::format("the group {} shows no objectGUID; the account may lack the right to read it", entry.dn),
          .primary_id = primary_id_of(entry)};
}

// Breadth first, loops included: a group that is followed already is not entered again.
void find_nested(PullContext& context, const std::stop_token& stop) {
  std::deque<core::Guid> open;
  for (const TrackedGroup& group : context.groups.all()) {
    if (group.security) open.push_back(group.id);
  }
  std::vector<core::Guid> seen(open.begin(), open.end());
  while (!open.empty()) {
    const core::Guid id = open.front();
    open.pop_front();
    const std::string dn = context.groups.find(id)->dn;
    const auto entries = must_search(*context.connection,
                                     {.base = context.root.context_of(context.schema.base),
                                      .scope = LDAP_SCOPE_SUBTREE,
                                      .filter = fmt::format("(&(objectClass=group)(memberOf={}))", escape_filter(dn)),
                                      .attributes = {"objectGUID", "uSNChanged", "objectSid"},
                                      .controls = {}},
                                     stop);
    for (const SmallEntry& entry : entries) {
      const ResolvedGroup nested = as_group(entry);
      if (!nested.id) continue;
      context.groups.find(id)->nested.push_back(core::to_string(*nested.id));
      context.groups.add_nested(nested);
      if (std::ranges::find(seen, *nested.id) != seen.end()) continue;
      seen.push_back(*nested.id);
      open.push_back(*nested.id);
    }
  }
}

}  // namespace

ResolvedGroup resolve_active_directory_group(PullContext& context, const std::string& name,
                                             const std::stop_token& stop) {
  const auto id = core::parse_guid(name);
  const SearchResult answer = search_all(*context.connection,
                                         {.base = id ? by_guid(*id) : name,
                                          .scope = LDAP_SCOPE_BASE,
                                          .filter = "(objectClass=group)",
                                          .attributes = {"objectGUID", "uSNChanged", "objectSid"},
                                          .controls = {}},
                                         stop);
  const int code = answer.result.code;
  if (code != LDAP_SUCCESS && code != LDAP_NO_SUCH_OBJECT && code != LDAP_INVALID_DN_SYNTAX && code != LDAP_REFERRAL) {
    throw failure(answer.result, fmt::format("looking for the group {}", name));
  }
  if (!answer.entries.empty()) return as_group(answer.entries.front());
  return {.id = std::nullopt,
          .dn = {},
          .version = {},
          .fault = fmt::format("there is no group {}, or the account may not see it", name)};
}

void prepare_active_directory_groups(PullContext& context, bool by_version, const std::stop_token& stop) {
  context.groups.resolve(context, resolve_active_directory_group, stop);
  if (context.request.nested_groups) find_nested(context, stop);
  for (TrackedGroup& group : context.groups.all()) {
    std::ranges::sort(group.nested);
    if (!by_version) group.version = "-";
    const GroupState state{
        .purpose = purpose_of(group, context.request), .version = group.version, .nested = group.nested};
    group.told = !group.version.empty() && remembered_state(context, group.id) == state;
  }
}

std::optional<MemberRef> member_of_extended_dn(std::string_view value) {
  const auto id = guid_of_extended_dn(value);
  if (!id) return std::nullopt;
  return MemberRef{.kind = MemberRef::Kind::object_id, .object_id = *id, .name = {}};
}

AttributeRange parse_range(std::string_view description) {
  constexpr std::string_view option = ";range=";
  const auto at = description.find(option);
  if (at == std::string_view::npos) {
    return {
        .attribute = description.substr(0, description.find(';')), .ranged = false, .first = 0, .last = std::nullopt};
  }
  const std::string_view bounds = description.substr(at + option.size());
  const auto dash = bounds.find('-');
  AttributeRange range{.attribute = description.substr(0, at), .ranged = true, .first = 0, .last = std::nullopt};
  range.first = parse_number(bounds.substr(0, dash)).value_or(0);
  if (dash != std::string_view::npos) range.last = parse_number(bounds.substr(dash + 1));
  return range;
}

std::unique_ptr<PullPhase> active_directory_groups_phase(PullContext& context) {
  return std::make_unique<GroupsPhase>(context);
}

}  // namespace dvsync::source::ldap
