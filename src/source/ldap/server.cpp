#include "server.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "failure.hpp"
#include "search.hpp"
#include "source/ascii.hpp"
#include "source/base64.hpp"
#include "source/distinguished_name.hpp"

namespace dvsync::source::ldap {
namespace {

constexpr std::int64_t default_tombstone_days = 60;  // where the attribute is absent (MS-ADTS 6.1.1.2.4.1.1)

bool is_below(const std::string& folded, const std::string& context) {
  return folded == context || folded.ends_with("," + context);
}

}  // namespace

std::string RootDse::context_of(const std::string& dn) const {
  const std::string folded = fold_distinguished_name(dn);
  std::string best;
  for (const std::string& context : naming_contexts) {
    if (context.size() > best.size() && is_below(folded, fold_distinguished_name(context))) best = context;
  }
  return best.empty() ? dn : best;
}

bool RootDse::is_context(const std::string& dn) const {
  return std::ranges::any_of(naming_contexts, [&](const auto& context) {
    return fold_distinguished_name(context) == fold_distinguished_name(dn);
  });
}

RootDse read_root(Connection& connection, const std::stop_token& stop) {
  const auto entries = must_search(connection,
                                   {.base = "",
                                    .scope = LDAP_SCOPE_BASE,
                                    .filter = "(objectClass=*)",
                                    .attributes = {"namingContexts", "dsServiceName", "configurationNamingContext",
                                                   "highestCommittedUSN", "vendorName"},
                                    .controls = {}},
                                   stop);
  RootDse root;
  if (entries.empty()) return root;
  const SmallEntry& entry = entries.front();
  if (const auto* contexts = entry.values("namingContexts")) root.naming_contexts = *contexts;
  root.vendor = entry.text("vendorName");
  root.service = entry.text("dsServiceName");
  root.configuration = entry.text("configurationNamingContext");
  root.highest_usn = parse_number(entry.text("highestCommittedUSN"));
  return root;
}

std::optional<std::string> read_invocation_id(Connection& connection, const RootDse& root,
                                              const std::stop_token& stop) {
  if (root.service.empty()) return std::nullopt;
  const SearchResult answer = search_all(connection,
                                         {.base = root.service,
                                          .scope = LDAP_SCOPE_BASE,
                                          .filter = "(objectClass=*)",
                                          .attributes = {"invocationId"},
                                          .controls = {}},
                                         stop);
  const std::string* const id = answer.entries.empty() ? nullptr : answer.entries.front().first("invocationId");
  return id != nullptr ? std::optional(to_base64(*id)) : std::nullopt;
}

std::int64_t read_tombstone_lifetime(Connection& connection, const RootDse& root, const std::stop_token& stop) {
  const SearchResult answer =
      search_all(connection,
                 {.base = "CN=Directory Service,CN=Windows NT,CN=Services," + root.configuration,
                  .scope = LDAP_SCOPE_BASE,
                  .filter = "(objectClass=*)",
                  .attributes = {"tombstoneLifetime"},
                  .controls = {}},
                 stop);
  if (answer.entries.empty()) return default_tombstone_days;
  return parse_number(answer.entries.front().text("tombstoneLifetime")).value_or(default_tombstone_days);
}

Mode mode_of(const config::LdapDirectory& directory, const RootDse& root) {
  if (directory.mode == "dirsync") return Mode::dirsync;
  if (directory.mode == "usn") return Mode::usn;
  if (directory.mode == "timestamp") return Mode::timestamp;
  if (directory.kind == config::LdapKind::openldap) return Mode::syncrepl;
  return root.is_context(directory.base) && !directory.user_filter ? Mode::dirsync : Mode::usn;
}

std::string mode_fault(const config::LdapDirectory& directory, Mode mode, const RootDse& root) {
  if (mode != Mode::dirsync) return {};
  if (!root.is_context(directory.base)) {
    return fmt::format(
        "DirSync reads whole domains: `base` must be one of the server's naming contexts ({}), or use mode: usn",
        fmt::join(root.naming_contexts, "; "));
  }
  if (directory.user_filter) {
    return "DirSync does not tell who no longer matches user_filter: use mode: usn with it";
  }
  return {};
}

}  // namespace dvsync::source::ldap
