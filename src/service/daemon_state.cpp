#include "dvsync/service/daemon_state.hpp"

namespace dvsync::service {

std::string_view name_of(Phase phase) {
  switch (phase) {
    case Phase::starting:
      return "starting";
    case Phase::working:
      return "working";
    case Phase::standing_by:
      return "standing_by";
    case Phase::out_of_reach:
      return "out_of_reach";
    case Phase::stopping:
      return "stopping";
  }
  return "";
}

}  // namespace dvsync::service
