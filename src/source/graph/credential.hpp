#pragma once
// The ways of proving to Microsoft Entra ID that this is the registered application (docs/entra.md).

#include <chrono>
#include <memory>
#include <stop_token>
#include <string>

#include "dvsync/config/configuration.hpp"
#include "source/graph/http_client.hpp"
#include "source/graph/options.hpp"
#include "source/graph/retry_budget.hpp"

namespace dvsync::source::graph {

struct AccessToken {
  std::string value;
  std::chrono::seconds lifetime{0};
};

// What a token request travels on.
struct Exchange {
  HttpClient& http;
  RetryBudget& budget;
  const std::stop_token& stop;
};

class Credential {
 public:
  virtual ~Credential() = default;

  // Throws SourceError: denied when the credential is wrong, with what to do; unavailable when nobody answers.
  [[nodiscard]] virtual AccessToken acquire(const Exchange& exchange) = 0;
};

// By the first of managed_identity, federated_token_file, certificate_file, client_secret_file that is configured.
// Secrets and keys are read from their files for every token: a rotated one is picked up without a restart.
[[nodiscard]] std::unique_ptr<Credential> make_credential(const config::GraphDirectory& directory,
                                                          const Options& options);

}  // namespace dvsync::source::graph
