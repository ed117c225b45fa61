#pragma once
// What a line of a group's entry refers to.

#include <optional>

#include "dvsync/source/directory_source.hpp"
#include "source/file/ldif_lines.hpp"

namespace dvsync::source::file {

struct LdifReference {
  MembershipRecord::Relation relation = MembershipRecord::Relation::member;
  MemberRef to;
};

// nullopt: the line is no member and no owner.
[[nodiscard]] std::optional<LdifReference> reference_in(const LdifLine& line);

}  // namespace dvsync::source::file
