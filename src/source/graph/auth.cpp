#include "source/graph/auth.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fstream>

#include "dvsync/error.hpp"
#include "source/graph/client_assertion.hpp"
#include "source/graph/token_endpoint.hpp"

namespace dvsync::source::graph {
namespace {

constexpr std::string_view jwt_bearer = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

class ClientSecret final : public Credential {
 public:
  ClientSecret(TokenEndpoint endpoint, std::filesystem::path file)
      : endpoint_(std::move(endpoint)), file_(std::move(file)) {}

  AccessToken acquire(const Exchange& exchange) override {
    return endpoint_.request({{"client_secret", read_credential_line(file_, "directory.client_secret_file")}},
                             exchange);
  }

 private:
  TokenEndpoint endpoint_;
  std::filesystem::path file_;
};

class Certificate final : public Credential {
 public:
  Certificate(TokenEndpoint endpoint, std::string client_id, std::filesystem::path certificate,
              std::filesystem::path key)
      : endpoint_(std::move(endpoint)),
        client_id_(std::move(client_id)),
        certificate_(std::move(certificate)),
        key_(std::move(key)) {}

  AccessToken acquire(const Exchange& exchange) override {
    const SigningCertificate signer(read_credential_file(certificate_, "directory.certificate_file"),
                                    read_credential_file(key_, "directory.private_key_file"));
    const auto now = exchange.budget.clock().now();
    signer.demand_valid_at(now);
    return endpoint_.request({{"client_assertion_type", std::string(jwt_bearer)},
                              {"client_assertion", signer.assertion(client_id_, endpoint_.url(), now)}},
                             exchange);
  }

 private:
  TokenEndpoint endpoint_;
  std::string client_id_;
  std::filesystem::path certificate_;
  std::filesystem::path key_;
};

// The token of another identity provider stands for the assertion. Such files rotate: read anew each time.
class FederatedToken final : public Credential {
 public:
  FederatedToken(TokenEndpoint endpoint, std::filesystem::path file)
      : endpoint_(std::move(endpoint)), file_(std::move(file)) {}

  AccessToken acquire(const Exchange& exchange) override {
    return endpoint_.request({{"client_assertion_type", std::string(jwt_bearer)},
                              {"client_assertion", read_credential_line(file_, "directory.federated_token_file")}},
                             exchange);
  }

 private:
  TokenEndpoint endpoint_;
  std::filesystem::path file_;
};

class NoCredential final : public Credential {
 public:
  AccessToken acquire(const Exchange&) override {
    throw SourceError(SourceError::Kind::denied,
                      "no credential is configured: set one of directory.client_secret_file, certificate_file, "
                      "federated_token_file or managed_identity");
  }
};

constexpr std::streamsize largest_credential = 1 << 20;

[[noreturn]] void refuse(const std::filesystem::path& file, const std::string& key, const std::string& why) {
  throw SourceError(SourceError::Kind::denied, key + ": " + file.string() + " " + why);
}

constexpr std::chrono::seconds margin{300};

}  // namespace

std::unique_ptr<Credential> make_credential(const config::GraphDirectory& directory, const Options& options) {
  if (directory.managed_identity) {
    return make_managed_identity(options.imds_root, directory.graph_root, directory.client_id);
  }
  TokenEndpoint endpoint(directory);
  if (directory.federated_token_file) {
    return std::make_unique<FederatedToken>(std::move(endpoint), *directory.federated_token_file);
  }
  if (directory.certificate_file) {
    return std::make_unique<Certificate>(std::move(endpoint), directory.client_id, *directory.certificate_file,
                                         directory.private_key_file.value_or(*directory.certificate_file));
  }
  if (directory.client_secret_file) {
    return std::make_unique<ClientSecret>(std::move(endpoint), *directory.client_secret_file);
  }
  return std::make_unique<NoCredential>();
}

std::string read_credential_file(const std::filesystem::path& file, const std::string& key) {
  std::ifstream stream(file, std::ios::binary);
  if (!stream) {
    refuse(file, key, std::string("cannot be read: ") + std::strerror(errno));
  }
  std::string content(static_cast<std::size_t>(largest_credential), '\0');
  stream.read(content.data(), largest_credential);
  content.resize(static_cast<std::size_t>(stream.gcount()));
  if (content.size() == static_cast<std::size_t>(largest_credential)) {
    refuse(file, key, "is too large to be a credential");
  }
  if (content.find_first_not_of(" \t\r\n") == std::string::npos) {
    refuse(file, key, "is empty");
  }
  return content;
}

std::string read_credential_line(const std::filesystem::path& file, const std::string& key) {
  const std::string content = read_credential_file(file, key);
  const auto first = content.find_first_not_of(" \t\r\n");
  const auto last = content.find_last_not_of(" \t\r\n");
  return content.substr(first, last - first + 1);
}

// The lock is not held while a token is fetched: a look-up must not wait for the patience of a pull. Two threads may
// then fetch one each, which is harmless.
std::string TokenCache::get(const Exchange& exchange) {
  const auto now = exchange.budget.clock().steady_now();
  {
    const std::scoped_lock lock(mutex_);
    if (!token_.empty() && now < renew_at_) return token_;
  }
  AccessToken fresh = credential_->acquire(exchange);
  const std::scoped_lock lock(mutex_);
  token_ = std::move(fresh.value);
  renew_at_ = now + fresh.lifetime - std::min(margin, fresh.lifetime / 2);
  return token_;
}

void TokenCache::drop(const std::string& token) {
  const std::scoped_lock lock(mutex_);
  if (token_ == token) {
    token_.clear();
  }
}

}  // namespace dvsync::source::graph
