#include "dvsync/source/distinguished_name.hpp"

#include <cstddef>
#include <optional>

namespace dvsync::source {
namespace {

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

std::optional<unsigned> hex_digit(char c) {
  if (c >= '0' && c <= '9') {
    return static_cast<unsigned>(c - '0');
  }
  const char small = lower(c);
  if (small >= 'a' && small <= 'f') {
    return static_cast<unsigned>(small - 'a' + 10);
  }
  return std::nullopt;
}

std::string_view without_outer_blanks(std::string_view text) {
  while (!text.empty() && text.front() == ' ') {
    text.remove_prefix(1);
  }
  while (!text.empty() && text.back() == ' ') {
    text.remove_suffix(1);
  }
  return text;
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
    return std::move(folded_);
  }

 private:
  void step() {
    const char c = take();
    if (c == '"') {
      quoted_ = !quoted_;
    } else if (c == '\\' && !rest_.empty()) {
      write(escaped());
    } else if (!quoted_ && (c == ',' || c == ';' || c == '+' || (c == '=' && in_type_))) {
      end_of_value();
      folded_ += c == ';' ? ',' : c;
      in_type_ = c != '=';
      at_start_ = true;
    } else if (c == ' ' && !quoted_) {
      ++blanks_;
    } else {
      write(lower(c));
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
        return lower(static_cast<char>(*high * 16 + *low));
      }
    }
    return lower(take());
  }

  void write(char c) {
    if (blanks_ > 0 && !at_start_) {
      folded_ += ' ';
    }
    blanks_ = 0;
    at_start_ = false;
    if (std::string_view(",;+=\"\\<>").find(c) != std::string_view::npos && !in_type_) {
      folded_ += '\\';
    }
    folded_ += c;
  }

  void end_of_value() { blanks_ = 0; }

  std::string_view rest_;
  std::string folded_;
  std::size_t blanks_ = 0;
  bool quoted_ = false;
  bool in_type_ = true;
  bool at_start_ = true;
};

}  // namespace

std::string fold_distinguished_name(std::string_view name) { return Folder(name).fold(); }

std::string fold_login(std::string_view login) {
  std::string folded(without_outer_blanks(login));
  for (char& c : folded) {
    c = lower(c);
  }
  return folded;
}

bool looks_like_distinguished_name(std::string_view name) { return name.find('=') != std::string_view::npos; }

}  // namespace dvsync::source
