#include "ber.hpp"

#include <ldap.h>

#include <new>

#include "dvsync/error.hpp"

namespace dvsync::source::ldap {

BerPtr make_ber() {
  BerPtr ber(ber_alloc_t(LBER_USE_DER));
  if (!ber) throw std::bad_alloc();
  return ber;
}

BerPtr read_ber(std::string_view value) {
  if (value.empty()) {  // libldap would read behind it
    throw SourceError(SourceError::Kind::malformed, "the LDAP server sent a control without its value");
  }
  berval bytes = as_berval(value);
  BerPtr ber(ber_init(&bytes));
  if (!ber) throw std::bad_alloc();
  return ber;
}

std::string flatten(BerElement& ber) {
  berval bytes{};
  if (ber_flatten2(&ber, &bytes, 0) != 0) throw std::bad_alloc();
  return std::string(as_view(bytes));
}

Control paged_results(int page_size, std::string_view cookie) {
  const BerPtr ber = make_ber();
  berval bytes = as_berval(cookie);
  ber_printf(ber.get(), "{iO}", page_size, &bytes);
  return {.oid = LDAP_CONTROL_PAGEDRESULTS, .value = flatten(*ber), .has_value = true, .critical = true};
}

std::string next_page_cookie(std::string_view value) {
  const BerPtr ber = read_ber(value);
  ber_int_t estimate = 0;
  berval cookie{};
  if (ber_scanf(ber.get(), "{im}", &estimate, &cookie) == LBER_ERROR) {
    throw SourceError(SourceError::Kind::malformed, "the LDAP server sent a broken paged-results control");
  }
  return std::string(as_view(cookie));
}

Control show_deleted() {
  return {.oid = LDAP_CONTROL_X_SHOW_DELETED, .value = {}, .has_value = false, .critical = true};
}

Control extended_dn() {
  const BerPtr ber = make_ber();
  ber_printf(ber.get(), "{i}", 1);  // 1: text form, as objectGUID is read by people
  return {.oid = LDAP_CONTROL_X_EXTENDED_DN, .value = flatten(*ber), .has_value = true, .critical = true};
}

}  // namespace dvsync::source::ldap
