#include "source/graph/managed_identity.hpp"

#include <array>

#include "dvsync/error.hpp"
#include "source/graph/origin.hpp"
#include "source/graph/token_endpoint.hpp"
#include "source/graph/transient.hpp"

namespace dvsync::source::graph {
namespace {

using std::chrono::seconds;

// Microsoft's own schedule for 404, 429 and 5xx; while IMDS updates itself (410) it may take up to 70 seconds.
constexpr std::array retry_delays{seconds{0}, seconds{2}, seconds{6}, seconds{14}, seconds{30}};
constexpr seconds update_delay{10};
constexpr int update_attempts = 7;
constexpr std::string_view who = "the managed identity endpoint (IMDS)";

class ManagedIdentity final : public Credential {
 public:
  explicit ManagedIdentity(std::string url) : url_(std::move(url)) {}

  AccessToken acquire(const Exchange& exchange) override {
    const HttpRequest request{.url = url_, .headers = {"Metadata: true"}, .body = {}, .metadata_service = true};
    Retries retries;
    while (true) {
      const auto answer = exchange.http.send(request, exchange.stop);
      if (answer.has_value() && answer.value().status == 200) {
        return read_token(answer.value().body, std::string(who));
      }
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
    if (!answer.has_value()) {
      return !answer.error().lasting;
    }
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
