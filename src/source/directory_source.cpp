#include "dvsync/source/directory_source.hpp"

namespace dvsync::source {

void Page::clear() {
  identities.clear();
  memberships.clear();
  roles.clear();
  rejected.clear();
}

bool Page::empty() const { return identities.empty() && memberships.empty() && roles.empty() && rejected.empty(); }

}  // namespace dvsync::source
