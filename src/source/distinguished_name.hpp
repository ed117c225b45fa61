#pragma once
// Distinguished names as keys: the same entry is written in many ways (RFC 4514), and a membership refers to it in one
// of them.

#include <string>
#include <string_view>

namespace dvsync::source {

// The one form of a DN that is compared: ASCII letters in lower case, no blanks around "," "=" "+" and ";", runs of
// blanks inside a value as one, the parts of a name with "+" in order, hexadecimal escapes as the bytes they stand for,
// and only what needs it escaped. Letters beyond ASCII keep their case: servers write references as the entry itself
// has it. Never fails: what is not a DN comes back in the same spirit, and equals nothing else.
[[nodiscard]] std::string fold_distinguished_name(std::string_view name);

// The same for a login name (uid, memberUid): ASCII letters in lower case, blanks around it removed.
[[nodiscard]] std::string fold_login(std::string_view login);

// Whether a configured group name is a DN rather than an object id: it holds "=".
[[nodiscard]] bool looks_like_distinguished_name(std::string_view name);

}  // namespace dvsync::source
