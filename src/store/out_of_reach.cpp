#include "dvsync/store/out_of_reach.hpp"

#include "dvsync/store/open.hpp"

namespace dvsync::store {

std::optional<std::string> OutOfReach::words_for(const config::Environment& environment) const {
  const std::scoped_lock lock(mutex_);
  const auto told = told_.find(connection_of(configuration_, environment));
  if (told == told_.end()) return std::nullopt;
  const auto server = environment.server.empty() ? "" : " (" + environment.server + ")";
  return "not looked at, since it has the connection of " + told->second + server + ", which is out of reach";
}

void OutOfReach::add(const config::Environment& environment) {
  const std::scoped_lock lock(mutex_);
  told_.emplace(connection_of(configuration_, environment), place_of(environment));
}

void OutOfReach::add_mirror() {
  const std::scoped_lock lock(mutex_);
  told_.emplace(configuration_.database.connection, "the mirror");
}

}  // namespace dvsync::store
