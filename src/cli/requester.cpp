#include "requester.hpp"

#include <pwd.h>
#include <unistd.h>

namespace dvsync::cli {

std::string requester() {
  const auto uid = getuid();
  const auto* entry = getpwuid(uid);  // no other thread asks
  return entry != nullptr ? entry->pw_name : std::to_string(uid);
}

}  // namespace dvsync::cli
