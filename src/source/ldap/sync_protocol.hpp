#pragma once
// RFC 4533, LDAP Content Synchronization: the request control and the three values a server answers with.
// libldap's own ldap_sync_* writes to stderr, asserts, and loses results; these are four small BER shapes.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "ber.hpp"
#include "dvsync/core/guid.hpp"

namespace dvsync::source::ldap {

// refreshOnly. An empty cookie asks for the whole content.
[[nodiscard]] Control sync_request(std::string_view cookie);

struct SyncState {
  enum class Kind : std::uint8_t { present, add, modify, deleted };
  Kind kind = Kind::present;
  core::Guid id;
};
// Throws SourceError (malformed) for anything but a state and 16 bytes.
[[nodiscard]] SyncState parse_sync_state(std::string_view value);

struct SyncDone {
  std::optional<std::string> cookie;
  bool refresh_deletes = false;
};
[[nodiscard]] SyncDone parse_sync_done(std::string_view value);

// Only the sets of ids matter; the other messages mark phases, and their cookies must not be committed before the end.
struct SyncIdSet {
  bool deleted = false;  // else: present
  std::vector<core::Guid> ids;
};
[[nodiscard]] SyncIdSet parse_sync_info(std::string_view value);

}  // namespace dvsync::source::ldap
