#include "look_up.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <deque>

#include "active_directory.hpp"
#include "disabled_accounts.hpp"
#include "dvsync/core/text.hpp"
#include "failure.hpp"
#include "openldap_groups.hpp"
#include "pull_phase.hpp"
#include "search.hpp"
#include "source/distinguished_name.hpp"
#include "source/ldap_roles.hpp"
#include "source/ldap_values.hpp"
#include "user_entry.hpp"

namespace dvsync::source::ldap {
namespace {

struct FoundUser {
  std::string dn;
  IdentityRecord record;
  std::optional<std::int64_t> primary_group;
};

std::string openldap_id_filter(const core::Guid& id) {
  return fmt::format("(|(entryUUID={})(nsUniqueId={}))", core::to_string(id), to_unique_id(id));
}

// Every attribute that may hold the user name: has_name() tells which one counts. A negation in the filter could not,
// as it is never true of an attribute that the server does not know (RFC 4511, 4.5.1.7).
std::string name_filter(const Schema& schema, std::string_view user_name) {
  std::string filter = "(|";
  for (const auto slot : schema.attributes.of(core::Attribute::user_principal_name, schema.kind)) {
    filter += fmt::format("({}={})", schema.attributes.name(slot), escape_filter(user_name));
  }
  return filter + ")";
}

bool is_ascii(std::string_view text) {
  return std::ranges::all_of(text, [](char c) { return static_cast<signed char>(c) > 0; });
}

// Beyond ASCII the server knows better which letters are the same.
bool has_name(const IdentityRecord& record, const std::string& user_name) {
  const core::Text& name = record.profile[core::Attribute::user_principal_name];
  return name && (core::equal_ignoring_ascii_case(*name, user_name) || !is_ascii(*name) || !is_ascii(user_name));
}

SearchRequest request_for(const PullContext& context, const UserReference& user) {
  const Schema& schema = context.schema;
  SearchRequest request{.base = schema.base,
                        .scope = LDAP_SCOPE_SUBTREE,
                        .filter = schema.user_filter,
                        .attributes = schema.user_attributes,
                        .controls = {}};
  if (!user.object_id) {
    request.filter = both(schema.user_filter, name_filter(schema, user.user_name));
  } else if (schema.active_directory()) {
    const std::string id = escape_bytes(object_guid_bytes(*user.object_id));
    request.filter = both(schema.user_filter, fmt::format("(objectGUID={})", id));
  } else {
    request.filter = both(schema.user_filter, openldap_id_filter(*user.object_id));
  }
  return request;
}

std::optional<FoundUser> find_user(PullContext& context, const UserReference& user, const std::stop_token& stop) {
  std::optional<FoundUser> found;
  UserReader reader(context.schema);
  Search search(*context.connection, request_for(context, user));
  while (const MessagePtr message = search.next(stop)) {
    if (ldap_msgtype(message.get()) != LDAP_RES_SEARCH_ENTRY) continue;
    EntryReader entry(context.connection->handle(), message.get());
    std::string dn(entry.dn());
    LdapAccount read = reader.read(entry, true);
    if (read.machine || !read.has_id()) continue;
    if (!user.object_id && !has_name(read.record, user.user_name)) continue;
    if (found) throw malformed("several users of the directory have this user name; ask by object id");
    found = FoundUser{.dn = std::move(dn), .record = std::move(read.record), .primary_group = read.primary_group};
  }
  if (search.result().code != LDAP_SUCCESS) throw failure(search.result(), "looking for a user");
  return found;
}

MemberRef reference_to(const PullContext& context, const core::Guid& id, const std::string& dn) {
  if (context.schema.active_directory()) {
    return {.kind = MemberRef::Kind::object_id, .object_id = id, .name = {}};
  }
  return {.kind = MemberRef::Kind::distinguished_name, .object_id = {}, .name = fold_distinguished_name(dn)};
}

std::string member_filter(const PullContext& context, const std::string& dn, const std::optional<std::string>& login) {
  const std::string name = escape_filter(dn);
  if (context.schema.active_directory()) return fmt::format("(member={})", name);
  const std::string by_login = login ? fmt::format("(memberUid={})", escape_filter(*login)) : std::string{};
  return fmt::format("(|(member={})(uniqueMember={}){})", name, name, by_login);
}

bool matches(PullContext& context, const TrackedGroup& group, const std::string& filter, const std::stop_token& stop) {
  return !must_search(
              *context.connection,
              {.base = group.dn, .scope = LDAP_SCOPE_BASE, .filter = filter, .attributes = {"1.1"}, .controls = {}},
              stop)
              .empty();
}

void read_memberships(PullContext& context, const FoundUser& user, Page& page, const std::stop_token& stop) {
  const MemberRef reference = reference_to(context, user.record.object_id, user.dn);
  const std::string as_member = member_filter(context, user.dn, user.record.login);
  const std::string as_owner =
      fmt::format("({}={})", context.schema.active_directory() ? "managedBy" : "owner", escape_filter(user.dn));
  for (const TrackedGroup& group : context.groups.all()) {
    const bool primary = group.primary_id && group.primary_id == user.primary_group;
    if (primary || matches(context, group, as_member, stop)) emit_member(page, group, reference, false, false);
    if (group.security && matches(context, group, as_owner, stop)) emit_owner(page, group, reference, false);
  }
}

// From the user upwards: every group that holds it, every group that holds one of these, and so on.
void read_nested(PullContext& context, const FoundUser& user, Page& page, const std::stop_token& stop) {
  struct Node {
    core::Guid id;
    std::string dn;
    bool group = false;
  };
  std::deque<Node> open{{.id = user.record.object_id, .dn = user.dn, .group = false}};
  std::vector<core::Guid> seen;
  while (!open.empty()) {
    const Node node = open.front();
    open.pop_front();
    const auto login = node.group ? std::nullopt : user.record.login;
    const auto entries = must_search(*context.connection,
                                     {.base = context.root.context_of(context.schema.base),
                                      .scope = LDAP_SCOPE_SUBTREE,
                                      .filter = member_filter(context, node.dn, login),
                                      .attributes = {"objectGUID", "entryUUID", "nsUniqueId"},
                                      .controls = {}},
                                     stop);
    for (const SmallEntry& entry : entries) {
      const auto id = group_id_of(entry);
      if (!id) continue;
      context.groups.add_nested({.id = id, .dn = entry.dn, .version = {}, .fault = {}});
      emit_member(page, *context.groups.find(*id), reference_to(context, node.id, node.dn), node.group, false);
      if (std::ranges::find(seen, *id) != seen.end()) continue;
      seen.push_back(*id);
      open.push_back({.id = *id, .dn = entry.dn, .group = true});
    }
  }
}

}  // namespace

LookUp look_up(const config::LdapDirectory& directory, const Schema& schema, const LdapLimits& limits,
               const UserReference& user, const PullRequest& request, const std::stop_token& stop) {
  PullContext context{.directory = directory,
                      .schema = schema,
                      .request = request,
                      .connection = connect(directory, directory.urls, limits, stop),
                      .root = {},
                      .full = true,
                      .groups = {},
                      .end = {}};
  context.root = read_root(*context.connection, stop);
  initial_roles(directory.policy, context.end);
  context.groups.resolve(context, schema.active_directory() ? resolve_active_directory_group : resolve_openldap_group,
                         stop);
  LookUp answer;
  if (auto found = find_user(context, user, stop)) {
    read_memberships(context, *found, answer.page, stop);
    if (request.nested_groups) read_nested(context, *found, answer.page, stop);
    if (!schema.active_directory()) DisabledAccounts(context, stop).apply(found->record);
    answer.page.identities.push_back(std::move(found->record));
  } else if (user.object_id) {
    IdentityRecord& gone = answer.page.identities.emplace_back();
    gone.object_id = *user.object_id;
    gone.lifecycle = core::Lifecycle::gone;
  }
  for (const TrackedGroup& group : context.groups.all()) report(context, group, Completeness::complete);
  answer.groups = std::move(context.end.groups);
  answer.roles = context.end.roles;
  return answer;
}

}  // namespace dvsync::source::ldap
