#include "changed_entries.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "search.hpp"
#include "source/ldap_values.hpp"
#include "user_entry.hpp"

namespace dvsync::source::ldap {
namespace {

constexpr std::size_t ids_per_search = 100;

class ChangedEntries : public PullPhase {
 public:
  ChangedEntries(PullContext& context, std::vector<core::Guid> ids, const DisabledAccounts& disabled)
      : context_(context), ids_(std::move(ids)), disabled_(disabled), reader_(context.schema) {}

  bool fill(Page& page, const std::stop_token& stop) override {
    while (!is_full(page)) {
      if (!search_ && !ask()) {
        reader_.warn(context_.end.warnings);
        return false;
      }
      if (const MessagePtr message = search_->next(stop)) {
        take(page, message.get());
      } else {
        search_.reset();
      }
    }
    return true;
  }

 private:
  bool ask() {
    if (ids_.empty()) return false;
    std::string any = "(|";
    for (std::size_t i = 0; i < ids_per_search && !ids_.empty(); ++i, ids_.pop_back()) {
      any += fmt::format("(nsUniqueId={})", to_unique_id(ids_.back()));
    }
    search_.emplace(*context_.connection,
                    SearchRequest{.base = context_.schema.base,
                                  .scope = LDAP_SCOPE_SUBTREE,
                                  .filter = both(context_.schema.user_filter, any + ")"),
                                  .attributes = context_.schema.user_attributes,
                                  .controls = {}},
                    "reading changed users");
    return true;
  }

  void take(Page& page, LDAPMessage* message) {
    EntryReader entry(context_.connection->handle(), message);
    LdapAccount user = reader_.read(entry, true);
    if (!user.has_id()) {
      page.rejected.push_back(without_object_id(entry.dn(), "nsUniqueId"));
      return;
    }
    disabled_.apply(user.record);
    page.identities.push_back(std::move(user.record));
  }

  PullContext& context_;
  std::vector<core::Guid> ids_;
  const DisabledAccounts& disabled_;
  UserReader reader_;
  std::optional<PagedSearch> search_;
};

}  // namespace

std::unique_ptr<PullPhase> changed_entries_phase(PullContext& context, std::vector<core::Guid> ids,
                                                 const DisabledAccounts& disabled) {
  std::sort(ids.begin(), ids.end());
  ids.erase(std::unique(ids.begin(), ids.end()), ids.end());
  return std::make_unique<ChangedEntries>(context, std::move(ids), disabled);
}

}  // namespace dvsync::source::ldap
