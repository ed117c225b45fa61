#include "dvsync/store/environment_sessions.hpp"

#include "dvsync/error.hpp"

namespace dvsync::store {

Connection& EnvironmentSessions::at(const config::Environment& environment) {
  if (const auto told = out_of_reach_.words_for(environment)) throw StoreError(StoreError::Kind::unavailable, *told);
  auto& session = sessions_[connection_of(configuration_, environment)];
  if (session && !session->broken()) {
    enter_environment(*session, environment);
  } else {
    session =
        out_of_reach_.opened(&environment, [&] { return open_environment(configuration_, environment, options_); });
  }
  return *session;
}

}  // namespace dvsync::store
