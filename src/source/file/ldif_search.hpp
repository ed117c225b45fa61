#pragma once
// What ldapsearch says in an LDIF file about the search that wrote it: whether all of its entries are there.

#include <cstdint>
#include <string>
#include <string_view>

namespace dvsync::source::file {

class LdifSearch {
 public:
  void entry() { ++found_.entries, ++all_.entries; }
  void reference() { ++found_.others, ++all_.others; }
  void result() { ++found_.others, ++all_.others; }

  // A comment at this place: "numEntries: 10", "extended LDIF" … Several searches may be in one file.
  void comment(std::string_view text, const std::string& where);

  // At the end of the file. Empty: nothing speaks against its being whole; else what does.
  [[nodiscard]] std::string shortfall() const;

 private:
  struct Found {
    std::uint64_t entries = 0;
    std::uint64_t others = 0;  // references and results
  };
  void compare(std::string_view said, std::uint64_t found, std::uint64_t all, std::string_view what,
               const std::string& where);

  Found found_;  // since the last search ended
  Found all_;
  bool open_ = false;  // a search has begun, and its end was not seen yet
  std::string open_since_;
  std::string shortfall_;
};

}  // namespace dvsync::source::file
