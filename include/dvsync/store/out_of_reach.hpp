#pragma once
// Servers that gave no session, of one run, plan, check or look at the status: nobody waits for them a second time, and
// why is told once.

#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <utility>

#include "dvsync/config/configuration.hpp"
#include "dvsync/error.hpp"

namespace dvsync::store {

// Any thread may call.
class OutOfReach {
 public:
  explicit OutOfReach(const config::Configuration& configuration) : configuration_(configuration) {}

  // Why this environment is not worth a try: words that name whose failure told it. nullopt: it may be tried.
  [[nodiscard]] std::optional<std::string> words_for(const config::Environment& environment) const;
  void add(const config::Environment& environment);
  void add_mirror();

  // What `open` returns. If it throws ConnectError, whoever else has this environment's connection (nullptr: the
  // mirror's) is out of reach; but not where the server answers, and is only full.
  template <class Open>
  auto opened(const config::Environment* environment, const Open& open) {
    try {
      return open();
    } catch (const ConnectError& error) {
      if (!error.full()) environment == nullptr ? add_mirror() : add(*environment);
      throw;
    }
  }

 private:
  const config::Configuration& configuration_;
  mutable std::mutex mutex_;
  std::map<std::string, std::string> told_;  // by connection string: for whom it was told
};

}  // namespace dvsync::store
