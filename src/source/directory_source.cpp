#include "dvsync/source/directory_source.hpp"

namespace dvsync::source {

void Page::clear() {
  identities.clear();
  memberships.clear();
  roles.clear();
  rejected.clear();
  unknown_objects.clear();
}

Finding finding_of(const SourceError& error) {
  const bool denied = error.kind() == SourceError::Kind::denied;
  return {.effect = denied ? Finding::Effect::denied : Finding::Effect::unavailable, .message = error.what()};
}

std::size_t Page::size() const {
  return identities.size() + memberships.size() + roles.size() + rejected.size() + unknown_objects.size();
}

}  // namespace dvsync::source
