#include "dvsync/core/run.hpp"

namespace dvsync::core {

std::string_view name_of(RunKind kind) {
  switch (kind) {
    case RunKind::incremental:
      return "incremental";
    case RunKind::full:
      return "full";
    case RunKind::user:
      return "user";
    case RunKind::approve:
      return "approve";
    case RunKind::apply:
      return "apply";
    case RunKind::undo:
      return "undo";
  }
  return "";
}

std::string_view name_of(Outcome outcome) {
  switch (outcome) {
    case Outcome::succeeded:
      return "succeeded";
    case Outcome::incomplete:
      return "incomplete";
    case Outcome::held:
      return "held";
    case Outcome::failed:
      return "failed";
    case Outcome::interrupted:
      return "interrupted";
  }
  return "";
}

}  // namespace dvsync::core
