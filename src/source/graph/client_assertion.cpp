#include "source/graph/client_assertion.hpp"

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>

#include <array>
#include <boost/json.hpp>
#include <ctime>
#include <string_view>
#include <vector>

#include "dvsync/core/guid.hpp"
#include "dvsync/error.hpp"
#include "dvsync/random_bytes.hpp"
#include "source/base64.hpp"

namespace dvsync::source::graph {
namespace {

namespace json = boost::json;
using Moment = std::chrono::system_clock::time_point;

constexpr auto assertion_lifetime = std::chrono::minutes{8};
constexpr auto clock_skew = std::chrono::minutes{1};

template <auto release>
struct Release {
  template <class T>
  void operator()(T* object) const {
    release(object);
  }
};
using Bio = std::unique_ptr<BIO, Release<BIO_free>>;
using CertificatePtr = std::unique_ptr<X509, Release<X509_free>>;
using Key = std::unique_ptr<EVP_PKEY, Release<EVP_PKEY_free>>;
using Digest = std::unique_ptr<EVP_MD_CTX, Release<EVP_MD_CTX_free>>;

[[noreturn]] void refuse(const std::string& message) {
  ERR_clear_error();  // OpenSSL's own words may quote the file
  throw SourceError(SourceError::Kind::denied, message);
}

std::string base64url(const unsigned char* bytes, std::size_t size) {
  return to_base64url({reinterpret_cast<const char*>(bytes), size});
}

Bio memory_of(const std::string& text) { return Bio(BIO_new_mem_buf(text.data(), static_cast<int>(text.size()))); }

int refuse_passphrase(char*, int, int, void*) { return -1; }

CertificatePtr read_certificate(const std::string& pem) {
  CertificatePtr certificate(PEM_read_bio_X509(memory_of(pem).get(), nullptr, nullptr, nullptr));
  if (!certificate) {
    refuse("directory.certificate_file holds no PEM certificate (-----BEGIN CERTIFICATE-----)");
  }
  return certificate;
}

Key read_key(const std::string& pem) {
  Key key(PEM_read_bio_PrivateKey(memory_of(pem).get(), nullptr, &refuse_passphrase, nullptr));
  if (!key) {
    refuse("directory.private_key_file holds no unencrypted PEM private key (-----BEGIN PRIVATE KEY-----)");
  }
  if (EVP_PKEY_base_id(key.get()) != EVP_PKEY_RSA) {
    refuse("directory.private_key_file is not an RSA key; Microsoft Entra ID takes RSA of 2048 bits or more here");
  }
  return key;
}

Moment moment_of(const ASN1_TIME* time) {
  std::tm parts{};
  ASN1_TIME_to_tm(time, &parts);
  return std::chrono::system_clock::from_time_t(timegm(&parts));
}

std::string day_of(Moment moment) {
  const std::time_t seconds = std::chrono::system_clock::to_time_t(moment);
  std::tm parts{};
  gmtime_r(&seconds, &parts);
  std::array<char, 16> text{};
  std::strftime(text.data(), text.size(), "%Y-%m-%d", &parts);
  return text.data();
}

std::string random_guid() {
  core::Guid guid;
  fill_with_random(guid.bytes);
  guid.bytes[6] = static_cast<std::uint8_t>((guid.bytes[6] & 0x0FU) | 0x40U);
  guid.bytes[8] = static_cast<std::uint8_t>((guid.bytes[8] & 0x3FU) | 0x80U);
  return core::to_string(guid);
}

// RSASSA-PSS with SHA-256 and a salt as long as the digest: PS256 (RFC 7518, 3.5).
std::string sign(EVP_PKEY* key, std::string_view text) {
  const Digest digest(EVP_MD_CTX_new());
  EVP_PKEY_CTX* parameters = nullptr;
  std::size_t size = 0;
  const auto* bytes = reinterpret_cast<const unsigned char*>(text.data());
  const bool ready = EVP_DigestSignInit(digest.get(), &parameters, EVP_sha256(), nullptr, key) == 1 &&
                     EVP_PKEY_CTX_set_rsa_padding(parameters, RSA_PKCS1_PSS_PADDING) == 1 &&
                     EVP_PKEY_CTX_set_rsa_pss_saltlen(parameters, RSA_PSS_SALTLEN_DIGEST) == 1 &&
                     EVP_DigestSign(digest.get(), nullptr, &size, bytes, text.size()) == 1;
  std::vector<unsigned char> signature(size);
  if (!ready || EVP_DigestSign(digest.get(), signature.data(), &size, bytes, text.size()) != 1) {
    refuse("directory.private_key_file cannot sign (RSA-PSS with SHA-256); is the key shorter than 2048 bits?");
  }
  return base64url(signature.data(), size);
}

std::int64_t unix_seconds(Moment moment) {
  return std::chrono::duration_cast<std::chrono::seconds>(moment.time_since_epoch()).count();
}

}  // namespace

struct SigningCertificate::Pair {
  CertificatePtr certificate;
  Key key;
};

SigningCertificate::SigningCertificate(const std::string& certificate_pem, const std::string& key_pem)
    : pair_(std::make_unique<Pair>(Pair{read_certificate(certificate_pem), read_key(key_pem)})) {
  if (X509_check_private_key(pair_->certificate.get(), pair_->key.get()) != 1) {
    refuse("directory.private_key_file is not the key of the certificate in directory.certificate_file");
  }
}

SigningCertificate::~SigningCertificate() = default;

Moment SigningCertificate::expires() const { return moment_of(X509_get0_notAfter(pair_->certificate.get())); }

void SigningCertificate::demand_valid_at(Moment now) const {
  if (expires() <= now) {
    refuse("the certificate in directory.certificate_file expired on " + day_of(expires()) +
           ": create a new one, upload it to the app registration and name it in the configuration");
  }
  const Moment begins = moment_of(X509_get0_notBefore(pair_->certificate.get()));
  if (begins > now + clock_skew) {
    refuse("the certificate in directory.certificate_file is only valid from " + day_of(begins) +
           "; is this machine's clock right?");
  }
}

std::string SigningCertificate::thumbprint() const {
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned size = 0;
  X509_digest(pair_->certificate.get(), EVP_sha256(), digest.data(), &size);
  return base64url(digest.data(), size);
}

std::string SigningCertificate::assertion(const std::string& client_id, const std::string& audience, Moment now) const {
  const json::object header{{"alg", "PS256"}, {"typ", "JWT"}, {"x5t#S256", thumbprint()}};
  const json::object claims{{"aud", audience},
                            {"iss", client_id},
                            {"sub", client_id},
                            {"jti", random_guid()},
                            {"nbf", unix_seconds(now - clock_skew)},
                            {"iat", unix_seconds(now)},
                            {"exp", unix_seconds(now + assertion_lifetime)}};
  const std::string content = to_base64url(json::serialize(header)) + "." + to_base64url(json::serialize(claims));
  return content + "." + sign(pair_->key.get(), content);
}

}  // namespace dvsync::source::graph
