#pragma once
// What the Graph source does not take from the configuration: limits, and the ends that tests replace.

#include <chrono>
#include <memory>
#include <string>

#include "dvsync/config/configuration.hpp"
#include "dvsync/source/directory_source.hpp"
#include "dvsync/source/http.hpp"

namespace dvsync::source::graph {

// Time, as far as the Graph source uses it: token lifetimes and waiting for a throttled or faulty server. Tests put
// their own in its place, so that none of them waits.
class Clock {
 public:
  virtual ~Clock() = default;

  [[nodiscard]] virtual std::chrono::system_clock::time_point now() const = 0;
  [[nodiscard]] virtual std::chrono::steady_clock::time_point steady_now() const = 0;

  // Returns after `duration`; throws Interrupted as soon as `stop` is requested.
  virtual void wait(std::chrono::milliseconds duration, const std::stop_token& stop) = 0;
};

[[nodiscard]] Clock& machine_clock();

struct RetryLimits {
  std::chrono::milliseconds first_delay{1'000};  // doubles with every attempt
  std::chrono::milliseconds longest_delay{60'000};
  std::chrono::seconds longest_retry_after{600};  // a server that asks for more is asked again after this
  int attempts = 7;                               // of one request, where the server named no time
  std::chrono::seconds budget{1'800};             // waited in all
  std::chrono::seconds patience{
      std::chrono::hours{24}};  // from the beginning, transfers included: no new attempt after
};

// How long one request may take, and how often it is tried.
struct Limits {
  HttpLimits http;
  RetryLimits retry;
};

struct Options {
  std::string imds_root = "http://169.254.169.254";  // the instance metadata service of an Azure machine
  Limits pull;
  // Somebody waits for the answer of a look-up or a check.
  Limits interactive{.http = {.connect = std::chrono::milliseconds{4'000},
                              .total = std::chrono::milliseconds{8'000},
                              .low_speed_time = std::chrono::seconds{5}},
                     .retry = {.longest_delay = std::chrono::milliseconds{4'000},
                               .longest_retry_after = std::chrono::seconds{20},
                               .attempts = 3,
                               .budget = std::chrono::seconds{20},
                               .patience = std::chrono::seconds{20}}};
  Clock* clock = &machine_clock();
};

[[nodiscard]] std::unique_ptr<DirectorySource> make_source(const config::GraphDirectory& directory,
                                                           double max_rejects_percent, const Options& options);

}  // namespace dvsync::source::graph
