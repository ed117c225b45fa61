#pragma once
// Sessions that were opened on the way to something, and that it may go on with: opening one takes longer than looking
// at one user.

#include <map>
#include <memory>
#include <mutex>

#include "dvsync/config/configuration.hpp"
#include "dvsync/store/postgres/connection.hpp"

namespace dvsync::sync {

// Any thread.
class SpareSessions {
 public:
  // `environment`: nullptr for the mirror. Its schema's version has been checked.
  void keep(const config::Environment* environment, std::unique_ptr<store::Connection> session);
  // nullptr: there is none.
  [[nodiscard]] std::unique_ptr<store::Connection> take(const config::Environment* environment);

 private:
  std::mutex mutex_;
  std::map<const config::Environment*, std::unique_ptr<store::Connection>> sessions_;
};

}  // namespace dvsync::sync
