#pragma once
// The signed statement by which a certificate stands for a client secret: a JWT with PS256 and x5t#S256
// (Microsoft identity platform, certificate credentials).

#include <chrono>
#include <memory>
#include <string>

namespace dvsync::source::graph {

class SigningCertificate {
 public:
  // PEM text of the certificate (the first one counts) and of its RSA private key, unencrypted. Throws SourceError
  // (denied) when either cannot be read or when they do not belong together.
  SigningCertificate(const std::string& certificate_pem, const std::string& key_pem);
  ~SigningCertificate();
  SigningCertificate(const SigningCertificate&) = delete;
  SigningCertificate& operator=(const SigningCertificate&) = delete;

  [[nodiscard]] std::chrono::system_clock::time_point expires() const;

  // Throws SourceError (denied) when the certificate has expired or is not valid yet.
  void demand_valid_at(std::chrono::system_clock::time_point now) const;

  // base64url of the SHA-256 of the DER form; what the registration shows in hexadecimal.
  [[nodiscard]] std::string thumbprint() const;

  [[nodiscard]] std::string assertion(const std::string& client_id, const std::string& audience,
                                      std::chrono::system_clock::time_point now) const;

 private:
  struct Pair;
  std::unique_ptr<Pair> pair_;
};

}  // namespace dvsync::source::graph
