#include "source/graph/token_endpoint.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <vector>

#include "dvsync/core/text.hpp"
#include "dvsync/error.hpp"
#include "source/graph/json.hpp"
#include "source/graph/queries.hpp"
#include "source/graph/retry_policy.hpp"

namespace dvsync::source::graph {
namespace {

namespace json = boost::json;

std::string without_slash(std::string url) {
  while (!url.empty() && url.back() == '/') {
    url.pop_back();
  }
  return url;
}

std::int64_t number_at(const json::value& document, std::string_view key) {
  const json::value* value = find(document, key);
  if (value != nullptr && value->is_number()) return whole_number(*value).value_or(0);
  const std::string_view text = text_at(document, key);
  std::int64_t number = 0;
  std::from_chars(text.data(), text.data() + text.size(), number);
  return number;
}

// What the error codes of Microsoft Entra ID's token endpoint mean for an operator.
struct KnownError {
  std::int64_t code;
  std::string_view advice;
};

constexpr std::array known_errors{
    KnownError{90002, "the tenant does not exist in this cloud: check directory.tenant and directory.cloud"},
    KnownError{900023, "directory.tenant is neither a tenant id nor a domain of the tenant"},
    KnownError{700016,
               "this tenant has no application with directory.client_id: check both directory.tenant (wrong "
               "tenant?) and directory.client_id"},
    KnownError{7000215,
               "the client secret is wrong: directory.client_secret_file must hold the secret's value, not "
               "its id"},
    KnownError{7000222,
               "the client secret has expired: create a new one in the app registration (Certificates & "
               "secrets) and put it into directory.client_secret_file"},
    KnownError{700027,
               "the certificate is not one of the app registration's, or the signature does not match it: "
               "upload the certificate of directory.certificate_file there"},
    KnownError{7000214, "the app registration has no certificate: upload the one of directory.certificate_file"},
    KnownError{700024, "the signed assertion is outside its time: is this machine's clock right?"},
    KnownError{70021,
               "no federated credential of the app registration matches the token in "
               "directory.federated_token_file: compare issuer, subject and audience"},
    KnownError{700211, "no federated credential has the issuer of the token in directory.federated_token_file"},
    KnownError{700212, "no federated credential has the audience of the token in directory.federated_token_file"},
    KnownError{700213, "no federated credential has the subject of the token in directory.federated_token_file"},
    KnownError{7000112, "the application is disabled in this tenant: enable it under Enterprise applications"},
    KnownError{500011, "this tenant does not know the Graph of directory.graph_root: check directory.cloud"},
    KnownError{53003, "a Conditional Access policy for workload identities blocks this application"},
    KnownError{7000229, "the application has no service principal in this tenant: grant admin consent to it"},
};

std::vector<std::int64_t> codes_of(const json::value& document) {
  std::vector<std::int64_t> codes;
  const json::value* list = find(document, "error_codes");
  if (list != nullptr && list->is_array()) {
    for (const json::value& code : list->get_array()) {
      if (const auto number = whole_number(code)) codes.push_back(*number);
    }
  }
  return codes;
}

using std::chrono::seconds;

constexpr std::chrono::hours longest_lifetime{24};  // what Entra issues; a longer one is asked for anew all the same

// Microsoft's own schedule for 404, 429 and 5xx; while IMDS updates itself (410) it may take up to 70 seconds.
constexpr std::array retry_delays{seconds{0}, seconds{2}, seconds{6}, seconds{14}, seconds{30}};
constexpr seconds update_delay{10};
constexpr int update_attempts = 7;
constexpr std::string_view who = "the managed identity endpoint (IMDS)";

class ManagedIdentity final : public Credential {
 public:
  explicit ManagedIdentity(std::string url) : url_(std::move(url)) {}

  AccessToken acquire(const Exchange& exchange) override {
    const HttpRequest request{.url = url_, .headers = {"Metadata: true"}, .body = {}, .plain = true};
    Retries retries;
    while (true) {
      const auto answer = exchange.http.send(request, exchange.stop);
      if (answer.has_value() && answer.value().status == 200) return read_token(answer.value().body, std::string(who));
      wait_or_refuse(answer, retries, exchange);
    }
  }

 private:
  struct Retries {
    std::size_t ordinary = 0;
    int updating = 0;
  };

  static void wait_or_refuse(const Result<HttpResponse, HttpFault>& answer, Retries& retries,
                             const Exchange& exchange) {
    if (answer.has_value() && answer.value().status == 410 && retries.updating < update_attempts) {
      ++retries.updating;
      exchange.budget.wait_exactly(update_delay, std::string(who) + " is being updated", exchange.stop);
      return;
    }
    if (!may_retry(answer) || retries.ordinary == retry_delays.size()) {
      refuse(answer);
    }
    exchange.budget.wait_exactly(retry_delays[retries.ordinary++], std::string(who) + " does not answer",
                                 exchange.stop);
  }

  static bool may_retry(const Result<HttpResponse, HttpFault>& answer) {
    if (!answer.has_value()) return !answer.error().lasting;
    return answer.value().status == 404 || answer.value().status == 429 || answer.value().status >= 500;
  }

  [[noreturn]] static void refuse(const Result<HttpResponse, HttpFault>& answer) {
    if (!answer.has_value()) {
      throw SourceError(SourceError::Kind::unavailable,
                        std::string(who) + " cannot be reached: " + answer.error().what +
                            "; directory.managed_identity works on Azure machines only");
    }
    const bool refused = answer.value().status == 400 || answer.value().status == 403;
    throw SourceError(refused ? SourceError::Kind::denied : SourceError::Kind::unavailable,
                      std::string(who) + " answers " + std::to_string(answer.value().status) +
                          (refused ? ": does this machine have the managed identity, and does directory.client_id "
                                     "(only for a user-assigned one) name it?"
                                   : ", and still so after every retry"));
  }

  std::string url_;
};

}  // namespace

TokenEndpoint::TokenEndpoint(const config::GraphDirectory& directory)
    : url_(without_slash(directory.authority) + "/" + percent_encoded(directory.tenant) + "/oauth2/v2.0/token"),
      form_("grant_type=client_credentials&client_id=" + percent_encoded(directory.client_id) +
            "&scope=" + percent_encoded(without_slash(directory.graph_root) + "/.default")) {}

AccessToken TokenEndpoint::request(const FormFields& proof, const Exchange& exchange) const {
  HttpRequest request{.url = url_,
                      .headers = {"Content-Type: application/x-www-form-urlencoded", "Accept: application/json"},
                      .body = form_};
  for (const auto& [name, value] : proof) {
    *request.body += "&" + name + "=" + percent_encoded(value);
  }
  for (int attempt = 0;; ++attempt) {
    const auto answer = exchange.http.send(request, exchange.stop);
    const Trouble trouble = trouble_of(answer, "the token endpoint");
    if (trouble.none()) {
      if (answer.value().status == 200) return read_token(answer.value().body, "the token endpoint");
      throw SourceError(SourceError::Kind::denied, explain_token_error(answer.value().status, answer.value().body));
    }
    trouble.wait(exchange.budget, attempt, exchange.stop);
  }
}

AccessToken read_token(const std::string& body, const std::string& who) {
  const auto document = Document::parse(body);
  AccessToken token;
  if (document.has_value()) {
    token.value = text_at(document->root(), "access_token");
    const std::chrono::seconds stated{number_at(document->root(), "expires_in")};
    token.lifetime = std::min<std::chrono::seconds>(stated, longest_lifetime);
  }
  const bool header_safe = token.value.find_first_of("\r\n") == std::string::npos;
  if (token.value.empty() || !header_safe || token.lifetime.count() <= 0) {
    throw SourceError(SourceError::Kind::malformed, who + " answered without a usable token");
  }
  return token;
}

// Branches on the numbers only; Entra's description may quote identifiers and is left out.
std::string explain_token_error(long status, const std::string& body) {
  const auto parsed = Document::parse(body);
  const json::value document = parsed ? parsed->root() : json::value{};
  const std::vector<std::int64_t> codes = codes_of(document);
  for (const KnownError& known : known_errors) {
    if (std::find(codes.begin(), codes.end(), known.code) != codes.end()) {
      return "no token: " + std::string(known.advice) + " (AADSTS" + std::to_string(known.code) + ")";
    }
  }
  std::string message = "no token: the token endpoint refuses with " + std::to_string(status);
  if (const std::string_view error = text_at(document, "error"); !error.empty()) {
    message += ", " + core::printable(error, 64);
  }
  if (!codes.empty()) {
    message += ", AADSTS" + std::to_string(codes.front());
  }
  return message + "; check directory.tenant, client_id and the credential";
}

std::unique_ptr<Credential> make_managed_identity(const std::string& imds_root, const std::string& graph_root,
                                                  const std::string& client_id) {
  std::string url =
      imds_root + "/metadata/identity/oauth2/token?api-version=2018-02-01&resource=" + percent_encoded(graph_root);
  if (!client_id.empty()) {
    url += "&client_id=" + percent_encoded(client_id);
  }
  return std::make_unique<ManagedIdentity>(std::move(url));
}

}  // namespace dvsync::source::graph
