#include "source/unstated.hpp"

#include "source/ascii.hpp"

namespace dvsync::source {

void keep_unstated(IdentityRecord& record) {
  if (!record.whole) return;
  record.whole = false;
  record.stated.set();
}

void leave_alone(IdentityRecord& record, core::Attribute attribute) {
  keep_unstated(record);
  record.stated.reset(static_cast<std::size_t>(attribute));
  record.profile[attribute].reset();
}

void infer_guest(IdentityRecord& record) {
  if (record.guest) return;
  const auto& name = record.profile[core::Attribute::user_principal_name];
  if (name && name->find('#') != std::string::npos && contains_ignoring_case(*name, "#EXT#")) {
    record.guest = true;
  } else if (record.whole) {
    record.guest = false;
  }
}

}  // namespace dvsync::source
