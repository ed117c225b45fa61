// OpenLDAP and 389 Directory Server by RFC 4533 refreshOnly: what changed since a cookie, deletions included.
// slapd 2.5 as measured: changed and added entries both come as `add` with everything asked for; deletions come as a
// set of ids while the session log reaches back, else as a set of those that are still present.
// 389 Directory Server 2.3 as measured: rounds after the first tell changes only, and yet end like a present phase;
// changed entries come without operational attributes, whatever was asked for (nsAccountLock is one), so they are read
// once more.

#include <fmt/format.h>

#include "changed_entries.hpp"
#include "containers.hpp"
#include "disabled_accounts.hpp"
#include "failure.hpp"
#include "openldap_groups.hpp"
#include "pull_phase.hpp"
#include "search.hpp"
#include "source/base64.hpp"
#include "sync_protocol.hpp"
#include "user_entry.hpp"

namespace dvsync::source::ldap {
namespace {

constexpr const char* cookie_key = "users";
constexpr std::string_view doing = "reading changes (content synchronization)";

// A cookie that slapd can read tells the state of the content. Other servers have other cookies.
bool is_slapd_cookie(std::string_view cookie) { return cookie.find("csn=") != std::string_view::npos; }

class SyncUsers : public PullPhase {
 public:
  SyncUsers(PullContext& context, const std::stop_token& stop)
      : context_(context), reader_(context.schema), disabled_(context, stop) {
    if (!context.full) cookie_ = from_base64(context.remembered(cookie_key)).value_or("");
    ask();
  }

  bool fill(Page& page, const std::stop_token& stop) override {
    while (search_ && !is_full(page)) {
      if (const MessagePtr message = search_->next(stop)) {
        take(page, message.get());
      } else {
        finish();
      }
    }
    while (!search_ && !is_full(page) && !follow_ups_.empty()) {
      if (!follow_ups_.back()->fill(page, stop)) follow_ups_.pop_back();
    }
    return search_ || !follow_ups_.empty();
  }

 private:
  void ask() {
    search_.emplace(*context_.connection, SearchRequest{.base = context_.schema.base,
                                                        .scope = LDAP_SCOPE_SUBTREE,
                                                        .filter = context_.schema.user_filter,
                                                        .attributes = context_.schema.user_attributes,
                                                        .controls = {sync_request(cookie_)}});
  }

  // This round tells what changed, and changed entries without what is operational about them.
  [[nodiscard]] bool tells_ids_only() const { return context_.root.is_389() && !cookie_.empty(); }

  void take(Page& page, LDAPMessage* message) {
    told_ = true;
    if (ldap_msgtype(message) == LDAP_RES_INTERMEDIATE) {
      take_ids(page, message);
    } else {
      take_entry(page, message);
    }
  }

  void take_entry(Page& page, LDAPMessage* message) {
    ++context_.end.records;
    const auto controls = entry_controls(context_.connection->handle(), message);
    const Control* control = find_control(controls, LDAP_CONTROL_SYNC_STATE);
    if (control == nullptr) throw malformed("the server sent an entry without its synchronization state (RFC 4533)");
    const SyncState state = parse_sync_state(control->value);
    if (state.kind == SyncState::Kind::present || state.kind == SyncState::Kind::deleted) {
      add_id(page, state.id, state.kind == SyncState::Kind::deleted);
      return;
    }
    ++entries_;
    if (tells_ids_only()) {
      changed_.push_back(state.id);
      return;
    }
    EntryReader entry(context_.connection->handle(), message);
    LdapAccount user = reader_.read(entry, true);
    user.record.object_id = state.id;
    disabled_.apply(user.record);
    page.identities.push_back(std::move(user.record));
  }

  void take_ids(Page& page, LDAPMessage* message) {
    char* oid = nullptr;
    berval* data = nullptr;
    if (ldap_parse_intermediate(context_.connection->handle(), message, &oid, &data, nullptr, 0) != LDAP_SUCCESS) {
      throw malformed("the server sent an intermediate message that cannot be decoded");
    }
    const std::unique_ptr<char, decltype(&ldap_memfree)> oid_owner(oid, [](void* p) { ldap_memfree(p); });
    const std::unique_ptr<berval, decltype(&ber_bvfree)> data_owner(data, ber_bvfree);
    if (oid == nullptr || data == nullptr || std::string_view(oid) != LDAP_SYNC_INFO) return;
    const SyncIdSet set = parse_sync_info(as_view(*data));
    for (const core::Guid& id : set.ids) add_id(page, id, set.deleted);
    context_.end.records += set.ids.size();
  }

  // Gone, or still there with nothing changed.
  void add_id(Page& page, const core::Guid& id, bool deleted) {
    if (!deleted) ++entries_;
    IdentityRecord& record = page.identities.emplace_back();
    record.object_id = id;
    record.lifecycle = deleted ? core::Lifecycle::gone : core::Lifecycle::present;
    record.whole = false;
  }

  void finish() {
    const Result result = search_->result();
    search_.reset();
    if (result.code == LDAP_SUCCESS) {
      conclude(result);
    } else if (!cookie_.empty() && is_refusal(result.code)) {
      start_over();
      return;
    } else if (result.code == LDAP_UNAVAILABLE_CRITICAL_EXTENSION) {
      throw failure(result,
                    fmt::format("{}: load the overlay syncprov for this database, or use mode: timestamp", doing));
    } else {
      throw failure(result, doing);
    }
    if (!changed_.empty()) follow_ups_.push_back(changed_entries_phase(context_, std::move(changed_), disabled_));
    if (disabled_.changed() && context_.end.users == Completeness::changes) {
      follow_ups_.push_back(account_states_phase(context_, disabled_));
    }
  }

  // The server no longer knows this cookie, or is older than it (a restored backup): everything from scratch.
  void start_over() {
    cookie_.clear();
    if (told_) {
      // What was told is true, but whoever vanished meanwhile was not: the next pull reads everything.
      context_.end.users = Completeness::changes;
      return;
    }
    context_.end.warnings.emplace_back(
        "the server asks for a full load: its database was replaced, or the cookie is too old");
    ask();
  }

  void conclude(const Result& result) {
    const Control* control = find_control(result.controls, LDAP_CONTROL_SYNC_DONE);
    if (control == nullptr) throw malformed("the server ended a synchronization without its state (RFC 4533)");
    const SyncDone done = parse_sync_done(control->value);
    std::string next = done.cookie.value_or(cookie_);
    // slapd answers a cookie that it cannot read with success, everything, and no cookie worth the name.
    const bool misread = !cookie_.empty() && (next.empty() || is_slapd_cookie(cookie_) != is_slapd_cookie(next));
    const bool present_phase = !done.refresh_deletes && !tells_ids_only();
    const bool complete = cookie_.empty() || present_phase || misread;
    context_.end.users = complete ? Completeness::complete : Completeness::changes;
    if (misread && !is_slapd_cookie(next)) next.clear();
    if (!next.empty()) context_.end.cursor[cookie_key] = to_base64(next);
    reader_.warn(context_.end.warnings);
    if (complete) demand_somebody(entries_, context_);
  }

  PullContext& context_;
  UserReader reader_;
  DisabledAccounts disabled_;
  std::string cookie_;
  std::optional<Search> search_;
  PullPhases follow_ups_;  // once the search has ended; the last one first
  std::vector<core::Guid> changed_;
  bool told_ = false;
  std::uint64_t entries_ = 0;  // users that exist
};

}  // namespace

PullPhases syncrepl_phases(PullContext& context, const std::stop_token& stop) {
  if (containers_moved(context, stop)) context.full = true;
  PullPhases phases;
  if (needs_groups(context)) phases.push_back(openldap_groups_phase(context, stop));
  phases.push_back(std::make_unique<SyncUsers>(context, stop));
  return phases;
}

}  // namespace dvsync::source::ldap
