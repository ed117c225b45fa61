#include "source/graph/token_cache.hpp"

#include <algorithm>

namespace dvsync::source::graph {
namespace {

constexpr std::chrono::seconds margin{300};

}  // namespace

// The lock is not held while a token is fetched: a look-up must not wait for the patience of a pull. Two threads may
// then fetch one each, which is harmless.
std::string TokenCache::get(const Exchange& exchange) {
  const auto now = exchange.budget.clock().steady_now();
  {
    const std::scoped_lock lock(mutex_);
    if (!token_.empty() && now < renew_at_) {
      return token_;
    }
  }
  AccessToken fresh = credential_->acquire(exchange);
  const std::scoped_lock lock(mutex_);
  token_ = std::move(fresh.value);
  renew_at_ = now + fresh.lifetime - std::min(margin, fresh.lifetime / 2);
  return token_;
}

void TokenCache::drop(const std::string& token) {
  const std::scoped_lock lock(mutex_);
  if (token_ == token) {
    token_.clear();
  }
}

}  // namespace dvsync::source::graph
