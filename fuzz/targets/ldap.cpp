// Values of LDAP controls, ranges, extended names and cookies as a server may send them. The first byte chooses.

#include "dvsync/error.hpp"
#include "source/ldap/active_directory.hpp"
#include "source/ldap/ber.hpp"
#include "source/ldap/dirsync.hpp"
#include "source/ldap/sync_protocol.hpp"

using namespace dvsync;
using namespace dvsync::source::ldap;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string_view value(reinterpret_cast<const char*>(data) + 1, size - 1);
  try {
    switch (data[0] % 7) {
      case 0:
        static_cast<void>(parse_sync_state(value));
        break;
      case 1:
        static_cast<void>(parse_sync_done(value));
        break;
      case 2:
        static_cast<void>(parse_sync_info(value));
        break;
      case 3:
        static_cast<void>(parse_dirsync(value));
        break;
      case 4:
        static_cast<void>(next_page_cookie(value));
        break;
      case 5:
        static_cast<void>(parse_range(value));
        break;
      default:
        static_cast<void>(member_of_extended_dn(value));
        break;
    }
  } catch (const SourceError&) {
  }
  return 0;
}
