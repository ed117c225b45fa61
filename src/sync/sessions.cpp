#include "sessions.hpp"

namespace dvsync::sync {

void SpareSessions::keep(const config::Environment* environment, std::unique_ptr<store::Connection> session) {
  sessions_[environment] = std::move(session);
}

std::unique_ptr<store::Connection> SpareSessions::take(const config::Environment* environment) {
  auto found = sessions_.extract(environment);
  return found ? std::move(found.mapped()) : nullptr;
}

}  // namespace dvsync::sync
