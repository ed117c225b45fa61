#include "sync_protocol.hpp"

#include <ldap.h>

#include "failure.hpp"
#include "source/ldap_values.hpp"

namespace dvsync::source::ldap {
namespace {

[[noreturn]] void broken() {
  throw malformed("the server's content synchronization (RFC 4533) is broken: an entry or control cannot be decoded");
}

core::Guid must_be_guid(const berval& bytes) {
  const auto id = guid_from_network_order(as_view(bytes));
  if (!id) broken();
  return *id;
}

// Reads an optional element with this tag; false: another one comes next, or none.
bool comes(BerElement& ber, ber_tag_t tag) {
  ber_len_t length = 0;
  return ber_peek_tag(&ber, &length) == tag;
}

void read_optional_cookie(BerElement& ber, std::optional<std::string>& cookie) {
  if (!comes(ber, LBER_OCTETSTRING)) return;
  berval bytes{};
  if (ber_scanf(&ber, "m", &bytes) == LBER_ERROR) broken();
  cookie = std::string(as_view(bytes));
}

bool read_optional_flag(BerElement& ber) {
  if (!comes(ber, LBER_BOOLEAN)) return false;
  ber_int_t flag = 0;
  if (ber_scanf(&ber, "b", &flag) == LBER_ERROR) broken();
  return flag != 0;
}

}  // namespace

Control sync_request(std::string_view cookie) {
  const BerPtr ber = make_ber();
  if (cookie.empty()) {
    ber_printf(ber.get(), "{e}", LDAP_SYNC_REFRESH_ONLY);
  } else {
    berval bytes = as_berval(cookie);
    ber_printf(ber.get(), "{eO}", LDAP_SYNC_REFRESH_ONLY, &bytes);
  }
  return {.oid = LDAP_CONTROL_SYNC, .value = flatten(*ber), .has_value = true, .critical = true};
}

SyncState parse_sync_state(std::string_view value) {
  const BerPtr ber = read_ber(value);
  ber_int_t state = 0;
  berval id{};
  if (ber_scanf(ber.get(), "{em", &state, &id) == LBER_ERROR || state < 0 || state > 3) broken();
  return {.kind = static_cast<SyncState::Kind>(state), .id = must_be_guid(id)};
}

SyncDone parse_sync_done(std::string_view value) {
  const BerPtr ber = read_ber(value);
  SyncDone done;
  if (ber_scanf(ber.get(), "{") == LBER_ERROR) broken();
  read_optional_cookie(*ber, done.cookie);
  done.refresh_deletes = read_optional_flag(*ber);
  return done;
}

SyncIdSet parse_sync_info(std::string_view value) {
  const BerPtr ber = read_ber(value);
  SyncIdSet set;
  ber_len_t length = 0;
  if (ber_peek_tag(ber.get(), &length) != LDAP_TAG_SYNC_ID_SET) return set;
  std::optional<std::string> cookie;
  if (ber_scanf(ber.get(), "{") == LBER_ERROR) broken();
  read_optional_cookie(*ber, cookie);
  set.deleted = read_optional_flag(*ber);
  berval* ids = nullptr;
  if (ber_scanf(ber.get(), "[W]", &ids) == LBER_ERROR) broken();
  const std::unique_ptr<berval, decltype(&ber_bvarray_free)> owner(ids, ber_bvarray_free);
  for (const berval* id = ids; id != nullptr && id->bv_val != nullptr; ++id) set.ids.push_back(must_be_guid(*id));
  return set;
}

}  // namespace dvsync::source::ldap
