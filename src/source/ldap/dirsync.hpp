#pragma once
// Active Directory's DirSync control (MS-ADTS 3.1.1.3.4.1.3).

#include <string>
#include <string_view>

#include "ber.hpp"

namespace dvsync::source::ldap {

[[nodiscard]] Control dirsync_request(std::string_view cookie);

struct DirSyncState {
  bool more = false;
  std::string cookie;
};
[[nodiscard]] DirSyncState parse_dirsync(std::string_view value);

// The right that DirSync needs, and how to grant it.
[[nodiscard]] std::string replication_right_advice(const std::string& base);

}  // namespace dvsync::source::ldap
