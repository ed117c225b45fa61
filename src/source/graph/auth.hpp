#pragma once
// The ways of proving to Microsoft Entra ID that this is the registered application (docs/entra.md).

#include <chrono>
#include <filesystem>
#include <memory>
#include <mutex>
#include <stop_token>
#include <string>

#include "dvsync/config/configuration.hpp"
#include "dvsync/source/http.hpp"
#include "source/graph/options.hpp"
#include "source/graph/retry_policy.hpp"

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

// Secrets and keys lie in files: ordinary ones, or systemd credentials.
// Throws SourceError (denied) naming the configuration key when the file is missing, unreadable, empty or larger than
// any credential is.
[[nodiscard]] std::string read_credential_file(const std::filesystem::path& file, const std::string& key);

// The same without white space at either end: editors leave a newline there.
[[nodiscard]] std::string read_credential_line(const std::filesystem::path& file, const std::string& key);

// The access token, kept until shortly before it expires. Shared by pulls, look-ups and checks of one source.
class TokenCache {
 public:
  explicit TokenCache(std::unique_ptr<Credential> credential) : credential_(std::move(credential)) {}

  // Throws as Credential::acquire does.
  [[nodiscard]] std::string get(const Exchange& exchange);

  // Graph no longer takes this token (401). One that another thread has renewed meanwhile stays.
  void drop(const std::string& token);

 private:
  std::unique_ptr<Credential> credential_;
  std::mutex mutex_;
  std::string token_;
  std::chrono::steady_clock::time_point renew_at_;
};

}  // namespace dvsync::source::graph
