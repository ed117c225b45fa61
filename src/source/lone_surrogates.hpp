#pragma once
// JSON may hold half of a surrogate pair ("\udcff"): valid syntax, but no character. Python writes it for bytes that
// are no UTF-8. The parser gives up the whole document there; the sync must lose no more than that one value
// (docs/rules.md D9).

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>

namespace dvsync::source {

// Overwrites unpaired surrogate escapes with bytes that are no UTF-8, so that the value, and nothing else, is refused.
class LoneSurrogates {
 public:
  // A new document begins.
  void reset() { ahead_ = 0; }

  // The next piece of the document, as long as it was; valid until the next call. `behind` yields a little of what
  // follows it in the file, for an escape that the piece ends in.
  std::string_view overwrite(std::string_view piece, const std::function<std::string()>& behind);

 private:
  std::string altered_;
  std::size_t ahead_ = 0;  // so much of the next piece belongs to an escape that is judged already
  bool ahead_is_lone_ = false;
};

inline constexpr std::size_t longest_json_escape = 12;  // a pair of \uXXXX

}  // namespace dvsync::source
