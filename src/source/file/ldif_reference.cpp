#include "source/file/ldif_reference.hpp"

#include <string_view>

#include "dvsync/source/distinguished_name.hpp"

namespace dvsync::source::file {

std::optional<LdifReference> reference_in(const LdifLine& line) {
  using Relation = MembershipRecord::Relation;
  using Kind = MemberRef::Kind;
  const auto by_dn = [&](Relation relation) {
    // A unique member may carry "#'0101'B" behind its DN (RFC 4517, Name and Optional UID).
    const std::string_view dn = std::string_view(line.value).substr(0, line.value.rfind("#'"));
    return LdifReference{relation,
                         {.kind = Kind::distinguished_name, .object_id = {}, .name = fold_distinguished_name(dn)}};
  };
  if (line.name == "member" || line.name == "uniquemember") return by_dn(Relation::member);
  if (line.name == "owner" || line.name == "managedby") return by_dn(Relation::owner);
  if (line.name == "memberuid") {
    return LdifReference{Relation::member, {.kind = Kind::login, .object_id = {}, .name = fold_login(line.value)}};
  }
  return std::nullopt;
}

}  // namespace dvsync::source::file
