#pragma once
// One message of an answer, and reading an entry in place: no copies, for listings of hundreds of thousands.

#include <ldap.h>

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "ber.hpp"

namespace dvsync::source::ldap {

struct MessageDeleter {
  void operator()(LDAPMessage* message) const { ldap_msgfree(message); }
};
using MessagePtr = std::unique_ptr<LDAPMessage, MessageDeleter>;

// The end of an operation.
struct Result {
  int code = LDAP_SUCCESS;
  std::string diagnostic;
  std::vector<Control> controls;
};

[[nodiscard]] const Control* find_control(const std::vector<Control>& controls, std::string_view oid);

// Reads one entry, once. The entry's message must outlive it; views point into the message.
class EntryReader {
 public:
  EntryReader(LDAP* handle, LDAPMessage* entry);

  [[nodiscard]] std::string_view dn() const { return as_view(dn_); }

  // Moves to the next attribute; false: there are no more.
  bool next();
  [[nodiscard]] std::string_view name() const { return as_view(name_); }  // with options (`member;range=0-1499`)
  [[nodiscard]] std::span<const berval> values() const { return {values_.get(), count_}; }  // may be empty: cleared

 private:
  struct PositionDeleter {
    void operator()(BerElement* ber) const { ber_free(ber, 0); }
  };
  struct ArrayDeleter {
    void operator()(berval* values) const { ber_memfree(values); }
  };
  LDAP* handle_;
  LDAPMessage* entry_;
  std::unique_ptr<BerElement, PositionDeleter> position_;
  berval dn_{};
  berval name_{};
  std::unique_ptr<berval, ArrayDeleter> values_;
  std::size_t count_ = 0;
};

[[nodiscard]] std::vector<Control> entry_controls(LDAP* handle, LDAPMessage* entry);
[[nodiscard]] std::vector<Control> take_controls(LDAPControl** controls);

// An entry of a few attributes, copied: groups, root DSE.
struct SmallEntry {
  std::string dn;
  std::vector<std::pair<std::string, std::vector<std::string>>> attributes;

  [[nodiscard]] const std::vector<std::string>* values(std::string_view attribute) const;
  [[nodiscard]] const std::string* first(std::string_view attribute) const;  // nullptr: it has none
  [[nodiscard]] std::string text(std::string_view attribute) const;          // empty: it has none
};
[[nodiscard]] SmallEntry copy_entry(LDAP* handle, LDAPMessage* entry);

}  // namespace dvsync::source::ldap
