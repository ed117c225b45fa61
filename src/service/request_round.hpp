#pragma once
// One round of requests of one environment: who is meant, by the mirror or by the directory, and what the askers are
// told. Private to service.

#include <cstdint>
#include <stop_token>
#include <string>
#include <vector>

#include "dvsync/config/configuration.hpp"
#include "dvsync/source/directory_source.hpp"
#include "dvsync/store/requests.hpp"
#include "dvsync/sync/on_demand.hpp"
#include "dvsync/sync/resolution.hpp"
#include "recent_questions.hpp"

namespace dvsync::service {

// Whether the mirror is young enough to answer by itself (docs/rules.md D7, D15).
[[nodiscard]] bool is_fresh(const sync::OnDemand& on_demand, const config::Configuration& configuration);

// What refuses these requests for one reason, stale_directory.
[[nodiscard]] std::vector<store::RequestAnswer> stale_answers(const std::vector<store::OpenRequest>& requests,
                                                              const std::string& detail);
// One refusal.
[[nodiscard]] store::RequestAnswer answer_of(std::int64_t request_id, const sync::RequestOutcome& outcome);

// Within the transaction that claimed the requests; one thread.
class RequestRound {
 public:
  struct Terms {
    bool asks_directory;  // about each user; else the mirror answers, and hands over what it would refuse
    const config::Configuration& configuration;
    source::DirectorySource& source;
    RecentQuestions& questions;
    store::Connection& mirror;
    sync::OnDemand& on_demand;  // renewed
    std::stop_token stop;
  };
  struct Told {
    std::vector<store::RequestAnswer> answers;
    std::vector<std::int64_t> handed_over;  // to those who ask the directory
    bool wrote = false;                     // whether rows changed
  };

  explicit RequestRound(Terms terms) : terms_(std::move(terms)) {}

  // All of one trigger. Throws as sync::OnDemand::answer() does.
  [[nodiscard]] Told answer(const std::vector<store::OpenRequest>& requests);

 private:
  [[nodiscard]] sync::Resolved resolve(const store::OpenRequest& request);
  [[nodiscard]] sync::Resolved ask(const source::UserReference& user, const std::stop_token& stop);
  void find_by_name(const std::vector<store::OpenRequest>& requests, std::vector<sync::Resolved>& resolved);
  void answer_askers(const std::vector<store::OpenRequest>& requests, const std::vector<sync::Resolved>& resolved,
                     Told& told);

  Terms terms_;
  std::string silence_;  // why the directory, which is to be asked in any case, did not answer
};

}  // namespace dvsync::service
