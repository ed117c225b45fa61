#pragma once
// Forgetting the sync log once it is old enough: in small transactions, each of a moment, so that nobody waits for it.

#include <chrono>
#include <stop_token>
#include <string>

#include "dvsync/store/log_archive.hpp"
#include "dvsync/store/postgres/connection.hpp"

namespace dvsync::store {

struct Retention {
  std::chrono::seconds age{0};
  const LogArchive* archive = nullptr;  // where it is kept instead; null: nowhere
  std::stop_token stop = {};
};

// Removes a few thousand lines at most, of runs that ended before `age`. False: there is no more. What is still needed
// stays however old: the last run, the last one that went through, and runs that hold decisions. With an archive
// nothing goes that is not on its disk: throws StoreError where it cannot be written. `name`: the environment's.
bool forget_some(Connection& environment, const std::string& name, const Retention& retention);

}  // namespace dvsync::store
