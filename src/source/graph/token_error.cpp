// What the error codes of Microsoft Entra ID's token endpoint mean for an operator.

#include <algorithm>
#include <array>
#include <vector>

#include "source/graph/json_document.hpp"
#include "source/graph/token_endpoint.hpp"

namespace dvsync::source::graph {
namespace {

namespace json = boost::json;

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
      if (code.is_number()) {
        codes.push_back(code.to_number<std::int64_t>());
      }
    }
  }
  return codes;
}

}  // namespace

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
    message += ", " + std::string(error.substr(0, 64));
  }
  if (!codes.empty()) {
    message += ", AADSTS" + std::to_string(codes.front());
  }
  return message + "; check directory.tenant, client_id and the credential";
}

}  // namespace dvsync::source::graph
