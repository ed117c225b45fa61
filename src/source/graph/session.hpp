#pragma once
// What one pull, look-up or check works with: its own connection and patience, the source's token.

#include "dvsync/config/configuration.hpp"
#include "source/graph/client.hpp"
#include "source/graph/options.hpp"
#include "source/graph/queries.hpp"

namespace dvsync::source::graph {

// What all sessions of one source share. Outlives them.
struct Tenant {
  config::GraphDirectory directory;
  Options options;
  Origin origin;
  Queries queries;
  TokenCache tokens;

  Tenant(const config::GraphDirectory& from, const Options& with)
      : directory(from),
        options(with),
        origin(from.graph_root),
        queries(origin.root()),
        tokens(make_credential(from, with)) {}
};

class Session {
 public:
  Session(Tenant& tenant, const Limits& limits)
      : tenant_(tenant),
        http_({.ca_file = tenant.directory.ca_file, .ca_key = "directory.ca_file", .proxy = tenant.directory.proxy},
              limits.http),
        budget_(limits.retry, *tenant.options.clock),
        client_(tenant.origin, tenant.directory.throttle_priority, http_, tenant.tokens, budget_) {}
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

  [[nodiscard]] const Queries& queries() const { return tenant_.queries; }
  [[nodiscard]] const Origin& origin() const { return tenant_.origin; }
  [[nodiscard]] GraphClient& client() { return client_; }
  // For check(): whether a token can be had at all.
  void demand_token(const std::stop_token& stop) { (void)tenant_.tokens.get({http_, budget_, stop}); }

 private:
  Tenant& tenant_;
  HttpClient http_;
  RetryBudget budget_;
  GraphClient client_;
};

// Credential, permissions, security groups: everything a pull needs, without reading the directory. Never throws
// SourceError.
[[nodiscard]] std::vector<Finding> check_tenant(Session& session, const PullRequest& request);

// One user with memberships in the requested groups and those known to be nested in them, and with roles. Throws
// SourceError.
[[nodiscard]] LookUp look_up(Session& session, const UserReference& user, const PullRequest& request,
                             const std::stop_token& stop);

}  // namespace dvsync::source::graph
