#pragma once
// Request and response controls, and the small BER values inside them.

#include <lber.h>

#include <memory>
#include <string>
#include <string_view>

namespace dvsync::source::ldap {

struct Control {
  std::string oid;
  std::string value;
  bool has_value = false;
  bool critical = true;
};

struct BerDeleter {
  void operator()(BerElement* ber) const { ber_free(ber, 1); }
};
using BerPtr = std::unique_ptr<BerElement, BerDeleter>;

[[nodiscard]] BerPtr make_ber();
[[nodiscard]] BerPtr read_ber(std::string_view value);
[[nodiscard]] std::string flatten(BerElement& ber);

[[nodiscard]] inline berval as_berval(std::string_view text) {
  return {.bv_len = text.size(), .bv_val = const_cast<char*>(text.data())};  // NOLINT: the C API takes no const
}
[[nodiscard]] inline std::string_view as_view(const berval& value) {
  return {value.bv_val == nullptr ? "" : value.bv_val, value.bv_len};
}

// RFC 2696.
[[nodiscard]] Control paged_results(int page_size, std::string_view cookie);
[[nodiscard]] std::string next_page_cookie(std::string_view value);

// Active Directory: tombstones are part of the answer.
[[nodiscard]] Control show_deleted();
// Active Directory: DN values come as `<GUID=…>;<SID=…>;CN=…`.
[[nodiscard]] Control extended_dn();

}  // namespace dvsync::source::ldap
