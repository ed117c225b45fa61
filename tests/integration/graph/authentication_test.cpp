// The four ways to a token, its cache, and what a wrong credential says.

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>

#include <cstdlib>
#include <functional>

#include "integration/graph/graph_test.hpp"

namespace dvsync::source::graph::testing {
namespace {

using Kind = SourceError::Kind;
using std::chrono::seconds;
using ::testing::AllOf;
using ::testing::Each;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;

struct KeyAndCertificate {
  std::string key;
  std::string certificate;
};

std::string pem_of(const std::function<void(BIO*)>& write) {
  BIO* memory = BIO_new(BIO_s_mem());
  write(memory);
  char* data = nullptr;
  const long size = BIO_get_mem_data(memory, &data);
  std::string text(data, static_cast<std::size_t>(size));
  BIO_free(memory);
  return text;
}

// Self-signed, valid from `begins` to `ends` seconds from now.
KeyAndCertificate new_certificate(long begins, long ends, EVP_PKEY* key) {
  X509* certificate = X509_new();
  ASN1_INTEGER_set(X509_get_serialNumber(certificate), 1);
  X509_gmtime_adj(X509_getm_notBefore(certificate), begins);
  X509_gmtime_adj(X509_getm_notAfter(certificate), ends);
  X509_set_pubkey(certificate, key);
  X509_NAME_add_entry_by_txt(X509_get_subject_name(certificate), "CN", MBSTRING_ASC,
                             reinterpret_cast<const unsigned char*>("dvsync"), -1, -1, 0);
  X509_set_issuer_name(certificate, X509_get_subject_name(certificate));
  X509_sign(certificate, key, EVP_sha256());
  KeyAndCertificate pair{
      .key = pem_of([&](BIO* out) { PEM_write_bio_PrivateKey(out, key, nullptr, nullptr, 0, nullptr, nullptr); }),
      .certificate = pem_of([&](BIO* out) { PEM_write_bio_X509(out, certificate); })};
  X509_free(certificate);
  EVP_PKEY_free(key);
  return pair;
}

constexpr long year = 365 * 86400L;

class Authentication : public GraphTest {
 protected:
  void use_certificate(const KeyAndCertificate& pair) {
    directory.client_secret_file.reset();
    directory.certificate_file = write_file("client.pem", pair.certificate);
    directory.private_key_file = write_file("client.key", pair.key);
  }
  void use_managed_identity() {
    directory.client_secret_file.reset();
    directory.client_id.clear();
    directory.managed_identity = true;
  }
  std::size_t token_requests() {
    std::size_t count = 0;
    for (const json::value& each : request_log()) {
      const std::string_view url = each.at("url").as_string();
      count += url.find("/token") != std::string_view::npos ? 1 : 0;
    }
    return count;
  }
};

TEST_F(Authentication, ClientSecretIsSentWhateverCharactersItHas) {
  MirrorModel mirror;
  pull(mirror);
  EXPECT_EQ(token_requests(), 1U);
}

TEST_F(Authentication, TokenIsKeptForLaterPullsUntilShortlyBeforeItExpires) {
  const auto from = source();
  MirrorModel mirror;
  pull(*from, request(), mirror);
  pull(*from, request(mirror.cursor), mirror);
  clock.advance(seconds{3599 - 301});
  pull(*from, request(mirror.cursor), mirror);
  EXPECT_EQ(token_requests(), 1U);
  clock.advance(seconds{2});
  pull(*from, request(mirror.cursor), mirror);
  EXPECT_EQ(token_requests(), 1U);
}

TEST_F(Authentication, ShortLivedTokenIsStillUsedForHalfItsLife) {
  tell({{"do", "access"}, {"lifetime", 60}});
  const auto from = source();
  MirrorModel mirror;
  pull(*from, request(), mirror);
  pull(*from, request(mirror.cursor), mirror);
  EXPECT_EQ(token_requests(), 1U);
}

TEST_F(Authentication, CertificateSignsAnAssertionThatTheEndpointVerifies) {
  const KeyAndCertificate pair = new_certificate(-60, year, EVP_RSA_gen(2048));
  use_certificate(pair);
  tell({{"do", "add_certificate"}, {"pem", pair.certificate}});
  put_user(1);
  MirrorModel mirror;
  pull(mirror);
  EXPECT_TRUE(mirror.knows(user_id(1)));
}

TEST_F(Authentication, AssertionIsNewForEveryToken) {
  const KeyAndCertificate pair = new_certificate(-60, year, EVP_RSA_gen(2048));
  use_certificate(pair);
  tell({{"do", "add_certificate"}, {"pem", pair.certificate}});
  const auto from = source();
  MirrorModel mirror;
  pull(*from, request(), mirror);
  tell({{"do", "revoke_tokens"}});
  pull(*from, request(mirror.cursor), mirror);
  EXPECT_EQ(token_requests(), 2U);
}

TEST_F(Authentication, KeyMayStandInTheCertificatesFile) {
  const KeyAndCertificate pair = new_certificate(-60, year, EVP_RSA_gen(2048));
  use_certificate({.key = {}, .certificate = pair.certificate + pair.key});
  directory.private_key_file.reset();
  tell({{"do", "add_certificate"}, {"pem", pair.certificate}});
  MirrorModel mirror;
  pull(mirror);
}

TEST_F(Authentication, CertificateOfSomebodyElseIsRefusedWithAdvice) {
  use_certificate(new_certificate(-60, year, EVP_RSA_gen(2048)));
  EXPECT_THAT(failure_of(request(), Kind::denied), AllOf(HasSubstr("AADSTS700027"), HasSubstr("upload")));
}

TEST_F(Authentication, ExpiredCertificateIsFoundBeforeAnythingIsSent) {
  use_certificate(new_certificate(-2 * year, -86400, EVP_RSA_gen(2048)));
  EXPECT_THAT(failure_of(request(), Kind::denied), HasSubstr("expired on 20"));
  EXPECT_EQ(token_requests(), 0U);
}

TEST_F(Authentication, CertificateOfTheFutureIsFoundBeforeAnythingIsSent) {
  use_certificate(new_certificate(86400, year, EVP_RSA_gen(2048)));
  EXPECT_THAT(failure_of(request(), Kind::denied), AllOf(HasSubstr("only valid from"), HasSubstr("clock")));
}

TEST_F(Authentication, KeyOfAnotherCertificateIsFoundBeforeAnythingIsSent) {
  KeyAndCertificate pair = new_certificate(-60, year, EVP_RSA_gen(2048));
  pair.key = new_certificate(-60, year, EVP_RSA_gen(2048)).key;
  use_certificate(pair);
  EXPECT_THAT(failure_of(request(), Kind::denied), HasSubstr("is not the key of the certificate"));
}

TEST_F(Authentication, UnusableKeysAndCertificatesSayWhy) {
  const KeyAndCertificate good = new_certificate(-60, year, EVP_RSA_gen(2048));
  use_certificate({.key = good.key, .certificate = "hello"});
  EXPECT_THAT(failure_of(request(), Kind::denied), HasSubstr("certificate_file holds no PEM certificate"));
  use_certificate({.key = "hello", .certificate = good.certificate});
  EXPECT_THAT(failure_of(request(), Kind::denied), HasSubstr("private_key_file holds no unencrypted PEM"));
  use_certificate(new_certificate(-60, year, EVP_EC_gen("P-256")));
  EXPECT_THAT(failure_of(request(), Kind::denied), HasSubstr("not an RSA key"));
}

TEST_F(Authentication, FederatedTokenIsReadAnewForEveryToken) {
  directory.client_secret_file.reset();
  directory.federated_token_file = write_file("federated", "eyJ.first.token\n");
  tell({{"do", "add_federated_token"}, {"token", "eyJ.first.token"}});
  const auto from = source();
  MirrorModel mirror;
  pull(*from, request(), mirror);

  write_file("federated", "eyJ.second.token");
  tell(json::array{json::object{{"do", "reset"}},
                   json::object{{"do", "add_federated_token"}, {"token", "eyJ.second.token"}}});
  pull(*from, request(), mirror);
  EXPECT_EQ(token_requests(), 1U);
}

TEST_F(Authentication, FederatedTokenThatMatchesNothingIsRefusedWithAdvice) {
  directory.client_secret_file.reset();
  directory.federated_token_file = write_file("federated", "eyJ.other.token");
  tell({{"do", "add_federated_token"}, {"token", "eyJ.expected.token"}});
  EXPECT_THAT(failure_of(request(), Kind::denied), AllOf(HasSubstr("AADSTS70021"), HasSubstr("issuer, subject")));
}

TEST_F(Authentication, ManagedIdentityComesFromTheMetadataServiceAndNeverThroughAProxy) {
  use_managed_identity();
  setenv("http_proxy", simulator.address("proxy").c_str(), 1);
  setenv("all_proxy", simulator.address("proxy").c_str(), 1);
  put_user(1);
  MirrorModel mirror;
  pull(mirror);
  unsetenv("http_proxy");
  unsetenv("all_proxy");
  EXPECT_TRUE(mirror.knows(user_id(1)));
  EXPECT_EQ(simulator.run(json::object{{"do", "proxy"}}).at("plain"), 0);
}

TEST_F(Authentication, UserAssignedIdentityIsNamed) {
  use_managed_identity();
  directory.client_id = client_id;
  MirrorModel mirror;
  pull(mirror);
  directory.client_id = "22222222-2222-4333-8444-555555555555";
  EXPECT_THAT(failure_of(request(), Kind::denied), HasSubstr("user-assigned"));
}

TEST_F(Authentication, MetadataServiceIsRetriedOnItsOwnSchedule) {
  use_managed_identity();
  for (const int status : {404, 429, 500, 503, 502}) {
    fault({{"match", "metadata"}, {"status", status}});
  }
  MirrorModel mirror;
  pull(mirror);
  EXPECT_THAT(clock.waits, ElementsAre(seconds{0}, seconds{2}, seconds{6}, seconds{14}, seconds{30}));
  clock.waits.clear();
  fault({{"match", "metadata"}, {"status", 500}, {"times", 100}});
  EXPECT_THAT(failure_of(request(), Kind::unavailable), HasSubstr("500"));
  EXPECT_THAT(clock.waits, SizeIs(5));
}

TEST_F(Authentication, MetadataServiceGetsSeventySecondsToUpdateItself) {
  use_managed_identity();
  fault({{"match", "metadata"}, {"status", 410}, {"times", 7}});
  MirrorModel mirror;
  pull(mirror);
  EXPECT_THAT(clock.waits, AllOf(SizeIs(7), Each(seconds{10})));
}

TEST_F(Authentication, MetadataServiceThatRefusesIsNotRetried) {
  use_managed_identity();
  tell({{"do", "access"}, {"managed_identity", false}});
  EXPECT_THAT(failure_of(request(), Kind::denied), HasSubstr("does this machine have the managed identity"));
  EXPECT_THAT(clock.waits, IsEmpty());
}

TEST_F(Authentication, NoMetadataServiceMeansNotAnAzureMachine) {
  use_managed_identity();
  options.imds_root = "http://127.0.0.1:1";
  EXPECT_THAT(failure_of(request(), Kind::unavailable), HasSubstr("Azure machines only"));
}

// What the token endpoint refuses is never asked again; the advice names the key to correct.
struct Refused {
  const char* name;
  json::object access;
  const char* code;
  const char* advice;
};
void PrintTo(const Refused& refused, std::ostream* out) { *out << refused.name; }

class RefusedSecret : public Authentication, public ::testing::WithParamInterface<Refused> {};

TEST_P(RefusedSecret, EndsTheRunWithAdvice) {
  json::object access = GetParam().access;
  access["do"] = "access";
  tell(access);
  const std::string message = failure_of(request(), Kind::denied);
  EXPECT_THAT(message, AllOf(HasSubstr(GetParam().code), HasSubstr(GetParam().advice), Not(HasSubstr("s3cret"))));
  EXPECT_EQ(token_requests(), 1U);
}

INSTANTIATE_TEST_SUITE_P(
    A8, RefusedSecret,
    ::testing::Values(Refused{"WrongSecret", {{"secret", "another"}}, "7000215", "client_secret_file"},
                      Refused{"ExpiredSecret", {{"secret_expired", true}}, "7000222", "has expired"},
                      Refused{"UnknownTenant", {{"tenants", json::array{}}}, "90002", "directory.tenant"},
                      Refused{"UnknownApplication", {{"client_id", "x"}}, "700016", "wrong tenant?"}),
    [](const auto& instance) { return std::string(instance.param.name); });

TEST_F(Authentication, TokenEndpointIsRetriedWhenThrottledOrBroken) {
  fault({{"match", "oauth2"}, {"status", 429}, {"headers", {{"Retry-After", "9"}}}});
  fault({{"match", "oauth2"}, {"status", 503}});
  fault({{"match", "oauth2"}, {"reset", true}});
  MirrorModel mirror;
  pull(mirror);
  EXPECT_THAT(clock.waits, SizeIs(::testing::Ge(2U)));
  EXPECT_EQ(clock.waits.front(), seconds{9});
}

TEST_F(Authentication, AnswerWithoutATokenIsMalformed) {
  fault({{"match", "oauth2"}, {"status", 200}, {"body", "<html>log in here</html>"}});
  EXPECT_THAT(failure_of(request(), Kind::malformed), HasSubstr("without a usable token"));
}

TEST_F(Authentication, MissingOrEmptySecretFileSaysWhichKey) {
  directory.client_secret_file = "/nonexistent/secret";
  EXPECT_THAT(failure_of(request(), Kind::denied), HasSubstr("directory.client_secret_file: /nonexistent/secret"));
  directory.client_secret_file = write_file("empty", " \n");
  EXPECT_THAT(failure_of(request(), Kind::denied), HasSubstr("is empty"));
  directory.client_secret_file.reset();
  EXPECT_THAT(failure_of(request(), Kind::denied), HasSubstr("no credential"));
}

}  // namespace
}  // namespace dvsync::source::graph::testing
