#pragma once
// The access token, kept until shortly before it expires. Shared by pulls, look-ups and checks of one source.

#include <chrono>
#include <memory>
#include <mutex>
#include <string>

#include "source/graph/credential.hpp"

namespace dvsync::source::graph {

class TokenCache {
 public:
  explicit TokenCache(std::unique_ptr<Credential> credential) : credential_(std::move(credential)) {}

  // Throws as Credential::acquire does.
  [[nodiscard]] std::string get(const Exchange& exchange);

  // Graph no longer takes this token (401). One that another thread has renewed meanwhile stays.
  void drop(const std::string& token);

 private:
  std::unique_ptr<Credential> credential_;
  std::mutex mutex_;
  std::string token_;
  std::chrono::steady_clock::time_point renew_at_;
};

}  // namespace dvsync::source::graph
