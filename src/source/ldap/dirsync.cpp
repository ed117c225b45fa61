// Active Directory by DirSync: changed attributes of changed objects since a cookie, tombstones and single link values
// included. One query for users and for the groups that are followed, hence one cookie.

#include "dirsync.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "active_directory.hpp"
#include "dvsync/core/text.hpp"
#include "failure.hpp"
#include "pull_phase.hpp"
#include "search.hpp"
#include "source/base64.hpp"
#include "source/ldap_values.hpp"
#include "user_entry.hpp"

namespace dvsync::source::ldap {
namespace {

constexpr const char* cookie_key = "dirsync";
constexpr int incremental_values = static_cast<int>(0x80000000U);  // link values one by one
constexpr int answer_bytes = 1 << 20;

class DirSyncPhase : public PullPhase {
 public:
  explicit DirSyncPhase(PullContext& context) : context_(context), reader_(context.schema) {
    if (!context.full) cookie_ = from_base64(context.remembered(cookie_key)).value_or("");
    begin();
  }

  bool fill(Page& page, const std::stop_token& stop) override {
    while (!is_full(page)) {
      const MessagePtr message = search_->next(stop);
      if (message) {
        if (ldap_msgtype(message.get()) == LDAP_RES_SEARCH_ENTRY) take(page, message.get());
      } else if (!next_answer(page, stop)) {
        return false;
      }
    }
    return true;
  }

 private:
  void begin() {
    incremental_ = !cookie_.empty();
    context_.end.users = incremental_ ? Completeness::changes : Completeness::complete;
    if (!incremental_) read_groups_again();
    ask();
  }

  // The groups' own changes are wanted only where their members are known.
  [[nodiscard]] std::string filter() const {
    if (!incremental_) return context_.schema.user_filter;
    std::string filter = "(|" + context_.schema.user_filter;
    for (const TrackedGroup& group : context_.groups.all()) {
      filter += fmt::format("(objectGUID={})", escape_bytes(object_guid_bytes(group.id)));
    }
    return filter + ")";
  }

  void ask() {
    std::vector<std::string> attributes = context_.schema.user_attributes;
    if (incremental_) attributes.insert(attributes.end(), {"member", "managedBy"});
    search_.emplace(*context_.connection, SearchRequest{.base = context_.schema.base,
                                                        .scope = LDAP_SCOPE_SUBTREE,
                                                        .filter = filter(),
                                                        .attributes = std::move(attributes),
                                                        .controls = {dirsync_request(cookie_), extended_dn()}});
  }

  void take(Page& page, LDAPMessage* message) {
    ++context_.end.records;
    told_ = true;
    EntryReader entry(context_.connection->handle(), message);
    if (const auto id = guid_of_extended_dn(entry.dn())) {
      if (TrackedGroup* group = context_.groups.find(*id)) {
        take_group(page, entry, *group);
        return;
      }
    }
    take_user(page, entry);
  }

  void take_user(Page& page, EntryReader& entry) {
    LdapAccount user = reader_.read(entry, !incremental_);
    if (!user.has_id()) {
      page.rejected.push_back(without_object_id(entry.dn(), "objectGUID"));
    } else if (user.deleted.value_or(false)) {
      if (incremental_) emit_gone(page, context_, user.record.object_id);  // else: absent from a complete listing
    } else if (!user.machine) {
      if (incremental_ && user.deleted) restored_.push_back(user.record.object_id);
      if (user.primary_group) context_.groups.read_again(*user.primary_group);
      ++users_;
      page.identities.push_back(std::move(user.record));
    }
  }

  void take_group(Page& page, EntryReader& entry, TrackedGroup& group) {
    while (entry.next()) {
      const AttributeRange range = parse_range(entry.name());
      const bool member = core::equal_ignoring_ascii_case(range.attribute, "member");
      if (!member && !core::equal_ignoring_ascii_case(range.attribute, "managedBy")) continue;
      const bool removed = range.last == 0;
      if (!range.ranged || (!removed && range.last != 1)) {
        group.told = false;  // the list itself, not what changed in it
        continue;
      }
      for (const berval& value : entry.values()) {
        const auto reference = member_of_extended_dn(as_view(value));
        if (!reference) throw malformed("the server does not name members by their GUID (extended DN)");
        if (member) {
          emit_member(page, group, *reference, is_nested(group, reference->object_id), removed);
        } else {
          emit_owner(page, group, *reference, removed);
        }
      }
    }
  }

  static bool is_nested(const TrackedGroup& group, const core::Guid& id) {
    return std::ranges::binary_search(group.nested, core::to_string(id));
  }

  // The end of one answer: there may be more, or the cookie may have been refused. False: everything was told.
  bool next_answer(Page& page, const std::stop_token& stop) {
    const Result& result = search_->result();
    if (result.code != LDAP_SUCCESS) return after_failure(result);
    const Control* control = find_control(result.controls, LDAP_CONTROL_X_DIRSYNC);
    if (control == nullptr) throw malformed("the server ended a DirSync answer without its cookie");
    DirSyncState state = parse_dirsync(control->value);
    if (state.more && state.cookie == cookie_) {
      throw malformed("the server repeats its DirSync cookie and says that there is more");
    }
    cookie_ = std::move(state.cookie);
    if (state.more) {
      ask();
      return true;
    }
    context_.end.cursor[cookie_key] = to_base64(cookie_);
    if (!incremental_) demand_somebody(users_, context_);
    if (!restored_.empty()) read_restored(page, stop);
    reader_.warn(context_.end.warnings);
    return false;
  }

  bool after_failure(const Result& result) {
    const bool limited = result.code == LDAP_TIMELIMIT_EXCEEDED || result.code == LDAP_ADMINLIMIT_EXCEEDED;
    if (limited && !std::exchange(repeated_, true)) {
      ask();
      return true;
    }
    if (is_refusal(result.code) && incremental_) return start_over();
    if (result.code == LDAP_INSUFFICIENT_ACCESS) {
      throw failure(result, replication_right_advice(context_.schema.base));
    }
    throw failure(result, "reading changes (DirSync)");
  }

  bool start_over() {
    if (told_) return false;  // what was told is true; without a cookie the next pull reads everything
    context_.end.warnings.emplace_back(
        "the domain controller does not take the remembered cookie: everything is read anew");
    cookie_.clear();
    begin();
    return true;
  }

  // A restored account comes back without most of what it had, and so do its memberships: DirSync tells neither.
  void read_restored(Page& page, const std::stop_token& stop) {
    for (const core::Guid& id : std::exchange(restored_, {})) {
      Search search(*context_.connection, {.base = by_guid(id),
                                           .scope = LDAP_SCOPE_BASE,
                                           .filter = context_.schema.user_filter,
                                           .attributes = context_.schema.user_attributes,
                                           .controls = {}});
      while (const MessagePtr message = search.next(stop)) {
        if (ldap_msgtype(message.get()) != LDAP_RES_SEARCH_ENTRY) continue;
        EntryReader entry(context_.connection->handle(), message.get());
        LdapAccount user = reader_.read(entry, true);
        if (user.has_id()) page.identities.push_back(std::move(user.record));
      }
    }
    read_groups_again();
  }

  void read_groups_again() {
    for (TrackedGroup& group : context_.groups.all()) group.told = false;
  }

  PullContext& context_;
  UserReader reader_;
  std::string cookie_;
  std::optional<Search> search_;
  std::vector<core::Guid> restored_;
  std::uint64_t users_ = 0;
  bool incremental_ = false;
  bool told_ = false;
  bool repeated_ = false;
};

}  // namespace

Control dirsync_request(std::string_view cookie) {
  const BerPtr ber = make_ber();
  berval bytes = as_berval(cookie);
  ber_printf(ber.get(), "{iiO}", incremental_values, answer_bytes, &bytes);
  return {.oid = LDAP_CONTROL_X_DIRSYNC, .value = flatten(*ber), .has_value = true, .critical = true};
}

DirSyncState parse_dirsync(std::string_view value) {
  const BerPtr ber = read_ber(value);
  ber_int_t more = 0;
  ber_int_t size = 0;
  berval cookie{};
  if (ber_scanf(ber.get(), "{iim}", &more, &size, &cookie) == LBER_ERROR) {
    throw malformed("the server sent a DirSync control that cannot be decoded");
  }
  return {.more = more != 0, .cookie = std::string(as_view(cookie))};
}

std::string replication_right_advice(const std::string& base) {
  return fmt::format(
      "DirSync needs the right \"Replicating Directory Changes\" on {0}. Grant it (Windows: dsacls \"{0}\" /G "
      "\"DOMAIN\\account:CA;Replicating Directory Changes\"; Samba: samba-tool dsacl set --objectdn=\"{0}\" "
      "--sddl=\"(OA;;CR;1131f6aa-9c07-11d1-f79f-00c04fc2dcd2;;<SID of the account>)\"), or use mode: usn",
      base);
}

PullPhases dirsync_phases(PullContext& context, const std::stop_token& stop) {
  // Another controller takes the cookie as well; a restored one would count again what the cookie has seen already.
  const bool restored = compare_database_copy(context, stop) == DatabaseCopy::restored;
  if (outlived_tombstones(context, stop) || restored) context.full = true;
  prepare_active_directory_groups(context, false, stop);
  PullPhases phases;
  phases.push_back(std::make_unique<DirSyncPhase>(context));
  phases.push_back(active_directory_groups_phase(context));
  return phases;
}

}  // namespace dvsync::source::ldap
