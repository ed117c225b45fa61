#pragma once
// Facts that a source leaves open: unknown is not "no" (docs/rules.md D7), and one rule fills the one gap that a name
// can fill (D14).

#include "dvsync/source/directory_source.hpp"

namespace dvsync::source {

// From here on the mirror keeps what the record leaves open. Everything that a whole record does not have is stated as
// an empty value first, except the facts that may be unknown: account state, expiry and plans. No effect on a record
// that is partial already.
void keep_unstated(IdentityRecord& record);

// The value that the source shows for this attribute is none: the mirror keeps what it has.
void leave_alone(IdentityRecord& record, core::Attribute attribute);

// A user whose userType is not stated is a guest if the user name holds "#EXT#". Call it when everything else is read.
void infer_guest(IdentityRecord& record);

}  // namespace dvsync::source
