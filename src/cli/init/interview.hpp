#pragma once
// Questions and their answers, at a terminal. Where nobody sits there, nothing is asked and everything stays as it is.

#include <string>

#include "terminal/output.hpp"

namespace dvsync::cli {

class Interview {
 public:
  explicit Interview(Output& err);
  [[nodiscard]] bool anybody() const { return anybody_; }

  // "question [proposal]: "; an empty answer is the proposal. Without a proposal it is asked until there is one.
  // Throws Interrupted at the end of the input.
  [[nodiscard]] std::string ask(const std::string& question, const std::string& proposal);
  // The answer is not shown.
  [[nodiscard]] std::string ask_secret(const std::string& question);
  void say(const std::string& text);

 private:
  [[nodiscard]] static std::string line();

  Output& err_;
  bool anybody_;
};

}  // namespace dvsync::cli
