#pragma once
// Sessions for one environment after the other, one for each server.

#include <map>
#include <memory>
#include <string>

#include "dvsync/store/open.hpp"
#include "dvsync/store/out_of_reach.hpp"

namespace dvsync::store {

class EnvironmentSessions {
 public:
  // `configuration` and `out_of_reach` are the caller's, and outlive this.
  EnvironmentSessions(const config::Configuration& configuration, SessionOptions options, OutOfReach& out_of_reach)
      : configuration_(configuration), options_(std::move(options)), out_of_reach_(out_of_reach) {}

  // It is this environment's until the next call. Throws StoreError; a server that gave no session is not tried again.
  [[nodiscard]] Connection& at(const config::Environment& environment);

 private:
  const config::Configuration& configuration_;
  SessionOptions options_;
  OutOfReach& out_of_reach_;
  std::map<std::string, std::unique_ptr<Connection>> sessions_;  // by connection string
};

}  // namespace dvsync::store
