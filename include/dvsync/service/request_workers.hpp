#pragma once
// Answers sync_request (docs/on-demand.md), beside the runs.

#include <memory>
#include <vector>

#include "dvsync/service/component.hpp"
#include "dvsync/service/log.hpp"
#include "dvsync/source/directory_source.hpp"

namespace dvsync::service {

class RecentQuestions;
class RequestWorker;

// One thread, with a session of its own, for each server that holds environments; it answers whatever the mirror can
// answer. Where the directory can be asked about a user, more threads do that, so that nobody waits behind a question.
//
// Answers need no lease (docs/architecture.md, Beside a run): they go on while another dvsync has it, and of two
// daemons that both answer each request is answered by one.
class RequestWorkers : public Component {
 public:
  // `log` is the caller's, and outlives this.
  explicit RequestWorkers(Log& log);
  ~RequestWorkers() override;  // stops answering
  RequestWorkers(const RequestWorkers&) = delete;
  RequestWorkers& operator=(const RequestWorkers&) = delete;

  void start(std::shared_ptr<const config::Configuration> configuration, store::Lease& lease) override;
  // The threads keep what they need of the configuration, and no lease: they go on until the next start().
  void stop() override {}

 private:
  void start_all(std::shared_ptr<const config::Configuration> configuration);

  Log& log_;
  std::shared_ptr<const config::Configuration> configuration_;
  std::unique_ptr<source::DirectorySource> source_;
  std::unique_ptr<RecentQuestions> questions_;
  std::vector<std::unique_ptr<RequestWorker>> workers_;  // last: their threads end first
};

}  // namespace dvsync::service
