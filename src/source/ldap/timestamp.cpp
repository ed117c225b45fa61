// OpenLDAP and others without syncprov: who is there (a listing of ids), and what changed since the latest
// modification that the last pull's listing knew (modifyTimestamp, to the second, overlapping).

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <utility>

#include "containers.hpp"
#include "disabled_accounts.hpp"
#include "dvsync/core/text.hpp"
#include "failure.hpp"
#include "openldap_groups.hpp"
#include "pull_phase.hpp"
#include "search.hpp"
#include "source/ldap_values.hpp"
#include "user_entry.hpp"

namespace dvsync::source::ldap {
namespace {

constexpr const char* users_key = "users";
// The stamps have whole seconds, and in a replicated directory each server stamps by its own clock. Who is told again
// without a change costs next to nothing.
constexpr std::chrono::seconds overlap{300};

std::string stamp_of(std::chrono::sys_seconds time) {
  using namespace std::chrono;
  const auto midnight = floor<days>(time);
  const year_month_day date(midnight);
  const hh_mm_ss clock(time - midnight);
  return fmt::format("{:04}{:02}{:02}{:02}{:02}{:02}Z", static_cast<int>(date.year()),
                     static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()), clock.hours().count(),
                     clock.minutes().count(), clock.seconds().count());
}

std::string now() {
  using namespace std::chrono;
  return stamp_of(floor<seconds>(system_clock::now()));
}

// `20260131235959Z` less the overlap. Servers may write fractions (`…59.123Z`): they are cut off.
std::string with_overlap(const std::string& stamp) {
  using namespace std::chrono;
  const auto number = [&](std::size_t at, std::size_t length) { return std::stoi(stamp.substr(at, length)); };
  const auto day = sys_days(year(number(0, 4)) / number(4, 2) / number(6, 2));
  return stamp_of(day + hours(number(8, 2)) + minutes(number(10, 2)) + seconds(number(12, 2)) - overlap);
}

bool is_stamp(const std::string& stamp) {
  return stamp.size() >= 15 && std::ranges::all_of(stamp.substr(0, 14), [](char c) { return c >= '0' && c <= '9'; });
}

// Ids first, then changes: who is added in between is among the changes, and who is removed in between is told by the
// next pull. The stamp to remember is the latest of the listing: all that changes later is at or after it. But never
// one of the future, by the clock of this machine: once the server's clock is right again, changes come with earlier
// ones.
class TimestampUsers : public PullPhase {
 public:
  TimestampUsers(PullContext& context, const std::stop_token& stop)
      : context_(context), reader_(context.schema), disabled_(context, stop), since_(context.remembered(users_key)) {
    if (context.full || !is_stamp(since_)) since_.clear();
  }

  bool fill(Page& page, const std::stop_token& stop) override {
    if (restating_) return restating_->fill(page, stop);
    // Not before its turn: slapd forgets a listing once another search comes between its pages.
    if (!search_) list({"entryUUID", "nsUniqueId", "modifyTimestamp"}, context_.schema.user_filter);
    while (!is_full(page)) {
      const MessagePtr message = search_->next(stop);
      if (!message && !next_phase()) return begin_restating();
      if (!message) continue;
      if (listing_) {
        take_listed(page, message.get());
      } else {
        take_changed(page, message.get());
      }
    }
    return true;
  }

 private:
  void list(std::vector<std::string> attributes, std::string filter) {
    search_.emplace(*context_.connection,
                    SearchRequest{.base = context_.schema.base,
                                  .scope = LDAP_SCOPE_SUBTREE,
                                  .filter = std::move(filter),
                                  .attributes = std::move(attributes),
                                  .controls = {}},
                    "listing users");
  }

  // From the ids to the entries; false: both were read.
  bool next_phase() {
    if (!std::exchange(listing_, false)) return false;
    demand_somebody(listed_, context_);
    if (!latest_.empty()) context_.end.cursor[users_key] = std::min(latest_, began_);
    if (latest_ < since_) since_.clear();  // an older database, perhaps: nothing that is remembered counts
    const std::string& filter = context_.schema.user_filter;
    list(context_.schema.user_attributes,
         since_.empty() ? filter : both(filter, fmt::format("(modifyTimestamp>={})", with_overlap(since_))));
    return true;
  }

  bool begin_restating() {
    reader_.warn(context_.end.warnings);
    if (since_.empty() || !disabled_.changed()) return false;
    restating_ = account_states_phase(context_, disabled_);
    return true;
  }

  void take_listed(Page& page, LDAPMessage* message) {
    EntryReader entry(context_.connection->handle(), message);
    IdentityRecord there;
    there.whole = false;
    bool has_id = false;
    ++listed_;
    while (entry.next()) {
      if (entry.values().empty()) continue;
      const std::string_view value = as_view(entry.values().front());
      if (core::equal_ignoring_ascii_case(entry.name(), "modifyTimestamp")) {
        latest_ = std::max(latest_, std::string(value));
        continue;
      }
      const auto id = core::equal_ignoring_ascii_case(entry.name(), "nsUniqueId") ? guid_from_unique_id(value)
                                                                                  : core::parse_guid(value);
      if (!id || (has_id && core::equal_ignoring_ascii_case(entry.name(), "entryUUID"))) continue;
      there.object_id = *id;
      has_id = true;
    }
    // On a full load the entries say so themselves.
    if (has_id && !since_.empty()) page.identities.push_back(std::move(there));
  }

  void take_changed(Page& page, LDAPMessage* message) {
    ++context_.end.records;
    EntryReader entry(context_.connection->handle(), message);
    LdapAccount user = reader_.read(entry, true);
    if (!user.has_id()) {
      page.rejected.push_back(without_object_id(entry.dn(), "entryUUID"));
      return;
    }
    disabled_.apply(user.record);
    page.identities.push_back(std::move(user.record));
  }

  PullContext& context_;
  UserReader reader_;
  DisabledAccounts disabled_;
  std::string since_;   // empty: everything
  std::string latest_;  // of the listing
  std::string began_ = now();
  std::uint64_t listed_ = 0;
  bool listing_ = true;
  std::optional<PagedSearch> search_;
  std::unique_ptr<PullPhase> restating_;
};

}  // namespace

PullPhases timestamp_phases(PullContext& context, const std::stop_token& stop) {
  if (containers_moved(context, stop)) context.full = true;
  PullPhases phases;
  if (needs_groups(context)) phases.push_back(openldap_groups_phase(context, stop));
  phases.push_back(std::make_unique<TimestampUsers>(context, stop));
  context.end.users = Completeness::complete;
  return phases;
}

}  // namespace dvsync::source::ldap
