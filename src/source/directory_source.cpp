#include "dvsync/source/directory_source.hpp"

namespace dvsync::source {

void Page::clear() {
  identities.clear();
  memberships.clear();
  roles.clear();
  rejected.clear();
  unknown_objects.clear();
}

std::size_t Page::size() const {
  return identities.size() + memberships.size() + roles.size() + rejected.size() + unknown_objects.size();
}

}  // namespace dvsync::source
