#pragma once
// OAuth 2.0 client credentials against {authority}/{tenant}/oauth2/v2.0/token.

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "dvsync/config/configuration.hpp"
#include "source/graph/auth.hpp"

namespace dvsync::source::graph {

using FormFields = std::vector<std::pair<std::string, std::string>>;

class TokenEndpoint {
 public:
  explicit TokenEndpoint(const config::GraphDirectory& directory);

  [[nodiscard]] const std::string& url() const { return url_; }

  // Asks for a token with these fields besides the usual ones. Retries throttling, server faults and transport faults
  // only. Throws SourceError.
  [[nodiscard]] AccessToken request(const FormFields& proof, const Exchange& exchange) const;

 private:
  std::string url_;
  std::string form_;  // what every request says
};

// The token in a token response, as the token endpoint and the metadata service write it (there, numbers are strings).
// Throws SourceError (malformed).
[[nodiscard]] AccessToken read_token(const std::string& body, const std::string& who);

// What to do about an error that the token endpoint answered. `body` is its JSON.
[[nodiscard]] std::string explain_token_error(long status, const std::string& body);

// Managed identity of an Azure machine, from the instance metadata service (IMDS).
// `client_id` names a user-assigned identity; empty: the machine's own.
[[nodiscard]] std::unique_ptr<Credential> make_managed_identity(const std::string& imds_root,
                                                                const std::string& graph_root,
                                                                const std::string& client_id);

}  // namespace dvsync::source::graph
