#include "check.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "active_directory.hpp"
#include "dirsync.hpp"
#include "failure.hpp"
#include "openldap_groups.hpp"
#include "pull_phase.hpp"
#include "search.hpp"
#include "sync_protocol.hpp"

namespace dvsync::source::ldap {
namespace {

using Findings = std::vector<Finding>;
using Effect = Finding::Effect;

// Well-known container of tombstones (MS-ADTS 6.1.1.4.2).
constexpr std::string_view deleted_objects = "<WKGUID=18E2EA80684F11D2B9AA00C04F79F805,{}>";

void add(Findings& findings, Effect effect, std::string message) {
  findings.push_back({.effect = effect, .message = std::move(message)});
}

// Every server of the list; the first one that works is the one to try things on.
std::unique_ptr<Connection> try_servers(const config::LdapDirectory& directory, const LdapLimits& limits,
                                        Findings& findings) {
  std::unique_ptr<Connection> usable;
  Findings faults;
  for (const std::string& url : directory.urls) {
    try {
      auto connection = connect(directory, {url}, limits, {});
      if (!usable) usable = std::move(connection);
    } catch (const SourceError& error) {
      faults.push_back(finding_of(error));
      // One refusal is enough: another attempt could lock the account out.
      if (error.kind() == SourceError::Kind::denied && dynamic_cast<const CertificateError*>(&error) == nullptr) break;
    }
  }
  for (auto& fault : faults) {
    add(findings, usable ? Effect::none : fault.effect, std::move(fault.message));
  }
  return usable;
}

// The answer's code, without reading the answer: one message is enough.
Result first_message(Connection& connection, const SearchRequest& request) {
  Search search(connection, request);
  if (search.next({})) return {};
  return search.result();
}

SearchRequest probe(const std::string& base, int scope, std::vector<Control> controls) {
  return {.base = base,
          .scope = scope,
          .filter = "(objectClass=*)",
          .attributes = {"1.1"},
          .controls = std::move(controls)};
}

bool base_exists(PullContext& context, Findings& findings) {
  const Result result = first_message(*context.connection, probe(context.schema.base, LDAP_SCOPE_BASE, {}));
  if (result.code == LDAP_SUCCESS) return true;
  findings.push_back(finding_of(failure(result, fmt::format("looking for the base {}", context.schema.base))));
  return false;
}

void check_dirsync(PullContext& context, Findings& findings) {
  const Result result =
      first_message(*context.connection, probe(context.schema.base, LDAP_SCOPE_SUBTREE, {dirsync_request({})}));
  if (result.code == LDAP_INSUFFICIENT_ACCESS) {
    add(findings, Effect::denied, replication_right_advice(context.schema.base));
  } else if (result.code != LDAP_SUCCESS) {
    findings.push_back(finding_of(failure(result, "trying DirSync")));
  }
}

// Windows tells deletions to whoever may replicate; Samba (since CVE-2023-4154) and uSNChanged polling do not.
void check_tombstones(PullContext& context, Findings& findings) {
  const std::string domain = context.root.context_of(context.schema.base);
  const std::string container = fmt::format(fmt::runtime(deleted_objects), domain);
  const SearchResult answer = search_all(*context.connection, probe(container, LDAP_SCOPE_BASE, {show_deleted()}), {});
  if (!answer.entries.empty()) return;
  add(findings, Effect::none,
      fmt::format(
          "the account may not see deleted objects: with mode: usn, and with Samba, a deletion shows only at the next "
          "full load. Grant it (Windows: dsacls \"CN=Deleted Objects,{0}\" /takeOwnership, then dsacls \"CN=Deleted "
          "Objects,{0}\" /G \"DOMAIN\\account:LCRP\"; Samba: samba-tool dsacl set --objectdn=\"CN=Deleted "
          "Objects,{0}\" --sddl=\"(A;CI;LCRP;;;<SID of the account>)\")",
          domain));
}

void check_syncrepl(PullContext& context, Findings& findings) {
  const Result result =
      first_message(*context.connection, probe(context.schema.base, LDAP_SCOPE_BASE, {sync_request({})}));
  if (result.code == LDAP_UNAVAILABLE_CRITICAL_EXTENSION) {
    add(findings, Effect::unavailable,
        "the server does not offer content synchronization for this base: load the overlay syncprov for its database "
        "(389 Directory Server: enable the plug-ins Content Synchronization and Retro Changelog), or use mode: "
        "timestamp");
  } else if (result.code != LDAP_SUCCESS) {
    findings.push_back(finding_of(failure(result, "trying content synchronization")));
  }
}

void nobody(PullContext& context, Findings& findings) {
  add(findings, Effect::denied,
      fmt::format("not one user below {} matches {}: check `base`, `user_filter` and the account's rights",
                  context.schema.base, context.schema.user_filter));
}

// Names only, and all of them: a size limit shows where it bites, not before.
void check_listing(PullContext& context, Mode mode, Findings& findings) {
  SearchRequest request = probe(context.schema.base, LDAP_SCOPE_SUBTREE, {});
  request.filter = context.schema.user_filter;
  std::uint64_t users = 0;
  if (mode == Mode::syncrepl) {
    Search search(*context.connection, request);
    while (search.next({})) ++users;
    if (search.result().code != LDAP_SUCCESS) {
      findings.push_back(finding_of(failure(search.result(), fmt::format("listing users (cut after {})", users))));
      return;
    }
  } else {
    PagedSearch search(*context.connection, request, "listing users");
    const bool to_the_end = mode == Mode::timestamp;
    while (search.next({})) {
      ++users;
      if (!to_the_end) break;
    }
  }
  if (users == 0) nobody(context, findings);
}

void check_groups(PullContext& context, Findings& findings) {
  context.groups.resolve(
      context, context.schema.active_directory() ? resolve_active_directory_group : resolve_openldap_group, {});
  for (const GroupCompleteness& group : context.end.groups) {
    add(findings, Effect::incomplete,
        fmt::format("{}: memberships of its environments stay as they are until it can be read", group.detail));
  }
  const bool all_known = std::ranges::find(context.end.roles, Completeness::unreadable) == context.end.roles.end();
  for (const std::string& warning : context.end.warnings) {
    add(findings, all_known ? Effect::none : Effect::incomplete, warning);
  }
  const auto& disabled = context.schema.disabled;
  if (disabled.kind != DisabledRule::Kind::group) return;
  if (const auto group = resolve_openldap_group(context, disabled.text, {}); !group.id) {
    add(findings, Effect::denied, fmt::format("`disabled`: {}", group.fault));
  }
}

void check_directory(PullContext& context, Findings& findings) {
  context.root = read_root(*context.connection, {});
  if (!base_exists(context, findings)) return;
  const Mode mode = mode_of(context.directory, context.root);
  if (auto fault = mode_fault(context.directory, mode, context.root); !fault.empty()) {
    add(findings, Effect::denied, std::move(fault));
    return;
  }
  switch (mode) {
    case Mode::dirsync:
      check_dirsync(context, findings);
      check_tombstones(context, findings);
      break;
    case Mode::usn:
      check_tombstones(context, findings);
      break;
    case Mode::syncrepl:
      check_syncrepl(context, findings);
      break;
    case Mode::timestamp:
      break;
  }
  check_listing(context, mode, findings);
  check_groups(context, findings);
}

}  // namespace

std::vector<Finding> check(const config::LdapDirectory& directory, const Schema& schema, const LdapLimits& limits,
                           const PullRequest& request) {
  Findings findings;
  if (std::string fault = transport_fault(directory); !fault.empty()) {
    add(findings, Effect::denied, std::move(fault));
    return findings;
  }
  try {
    PullContext context{.directory = directory,
                        .schema = schema,
                        .request = request,
                        .connection = try_servers(directory, limits, findings),
                        .root = {},
                        .full = true,
                        .groups = {},
                        .end = {}};
    if (context.connection) check_directory(context, findings);
  } catch (const SourceError& error) {
    findings.push_back(finding_of(error));
  }
  return findings;
}

}  // namespace dvsync::source::ldap
