#include "init/interview.hpp"

#include <termios.h>
#include <unistd.h>

#include <iostream>

#include "dvsync/error.hpp"

namespace dvsync::cli {
namespace {

constexpr char interrupt_key = '\x03';

// Neither shows what is typed, nor lets Ctrl-C leave the terminal like that.
class SilentTerminal {
 public:
  SilentTerminal() {
    if (tcgetattr(STDIN_FILENO, &before_) != 0) return;
    auto silent = before_;
    silent.c_lflag &= ~static_cast<tcflag_t>(ECHO | ISIG);
    changed_ = tcsetattr(STDIN_FILENO, TCSAFLUSH, &silent) == 0;
  }
  ~SilentTerminal() {
    if (changed_) tcsetattr(STDIN_FILENO, TCSAFLUSH, &before_);
  }
  SilentTerminal(const SilentTerminal&) = delete;
  SilentTerminal& operator=(const SilentTerminal&) = delete;

 private:
  termios before_{};
  bool changed_ = false;
};

std::string without_blanks_around(const std::string& text) {
  const auto begin = text.find_first_not_of(" \t\r");
  return begin == std::string::npos ? "" : text.substr(begin, text.find_last_not_of(" \t\r") - begin + 1);
}

}  // namespace

Interview::Interview(Output& err) : err_(err), anybody_(isatty(STDIN_FILENO) != 0) {}

std::string Interview::line() {
  std::string answer;
  if (!std::getline(std::cin, answer)) throw Interrupted();
  return answer;
}

std::string Interview::ask(const std::string& question, const std::string& proposal) {
  while (true) {
    say(question + (proposal.empty() ? "" : " [" + proposal + "]") + ": ");
    auto answer = without_blanks_around(line());
    if (answer.empty()) answer = proposal;
    if (!answer.empty()) return answer;
  }
}

std::string Interview::ask_secret(const std::string& question) {
  std::string answer;
  {
    const SilentTerminal silent;  // before the question: what is typed from now on is not shown
    say(question + " (not shown): ");
    answer = line();
  }
  say("\n");
  if (answer.find(interrupt_key) != std::string::npos) throw Interrupted();
  return answer;
}

void Interview::say(const std::string& text) {
  err_.write(text);
  err_.flush();
}

}  // namespace dvsync::cli
