#include "source/distinguished_name.hpp"

#include <algorithm>
#include <cstddef>
#include <optional>
#include <vector>

#include "dvsync/core/text.hpp"
#include "source/ascii.hpp"

namespace dvsync::source {
namespace {

std::optional<unsigned> hex_digit(char c) {
  if (is_digit(c)) return static_cast<unsigned>(c - '0');
  const char small = core::ascii_lower(c);
  if (small >= 'a' && small <= 'f') return static_cast<unsigned>(small - 'a' + 10);
  return std::nullopt;
}

// Reads one value and writes its folded form: RFC 4514, with the quotes and semicolons of RFC 1779 that old exports
// use.
class Folder {
 public:
  explicit Folder(std::string_view name) : rest_(name) { folded_.reserve(name.size()); }

  std::string fold() && {
    while (!rest_.empty()) {
      step();
    }
    end_of_value();
    end_of_rdn();
    return std::move(folded_);
  }

 private:
  void step() {
    const char c = take();
    if (c == '"') {
      quoted_ = !quoted_;
    } else if (c == '\\' && !rest_.empty()) {
      write_or_count(escaped());
    } else if (!quoted_ && (c == ',' || c == ';' || c == '+' || (c == '=' && in_type_))) {
      end_of_value();
      if (c == '+') {
        further_parts_.push_back(folded_.size());
      } else if (c != '=') {
        end_of_rdn();
      }
      folded_ += c == ';' ? ',' : c;
      if (c == ',' || c == ';') rdn_ = folded_.size();
      in_type_ = c != '=';
      at_start_ = true;
    } else {
      write_or_count(core::ascii_lower(c));
    }
  }

  // Blanks at either end of a value count for nothing, and many between words for one, however they are written (RFC
  // 4518, 2.6.1).
  void write_or_count(char c) {
    if (c == ' ') {
      ++blanks_;
    } else {
      write(c);
    }
  }

  char take() {
    const char c = rest_.front();
    rest_.remove_prefix(1);
    return c;
  }

  char escaped() {
    if (rest_.size() >= 2) {
      const auto high = hex_digit(rest_[0]);
      const auto low = hex_digit(rest_[1]);
      if (high && low) {
        rest_.remove_prefix(2);
        return core::ascii_lower(static_cast<char>(*high * 16 + *low));
      }
    }
    return core::ascii_lower(take());
  }

  void write(char c) {
    if (blanks_ > 0 && !at_start_) {
      folded_ += ' ';
    }
    blanks_ = 0;
    at_start_ = false;
    if (std::string_view(",;+=\"\\<>").find(c) != std::string_view::npos) {
      folded_ += '\\';
    }
    folded_ += c;
  }

  void end_of_value() { blanks_ = 0; }

  // `sn=b+cn=a` is `cn=a+sn=b`: the parts of one name have no order.
  void end_of_rdn() {
    if (further_parts_.empty()) return;
    std::vector<std::string> parts;
    std::size_t begin = rdn_;
    further_parts_.push_back(folded_.size());
    for (const std::size_t end : further_parts_) {
      parts.push_back(folded_.substr(begin, end - begin));
      begin = end + 1;
    }
    std::sort(parts.begin(), parts.end());
    folded_.resize(rdn_);
    for (const std::string& part : parts) folded_.append(&part == &parts.front() ? "" : "+").append(part);
    further_parts_.clear();
  }

  std::string_view rest_;
  std::string folded_;
  std::size_t rdn_ = 0;                     // where the relative name at hand begins
  std::vector<std::size_t> further_parts_;  // where its "+" stand
  std::size_t blanks_ = 0;
  bool quoted_ = false;
  bool in_type_ = true;
  bool at_start_ = true;
};

}  // namespace

std::string fold_distinguished_name(std::string_view name) { return Folder(name).fold(); }

std::string fold_login(std::string_view login) { return core::ascii_lower(trimmed(login)); }

bool looks_like_distinguished_name(std::string_view name) { return name.find('=') != std::string_view::npos; }

}  // namespace dvsync::source
