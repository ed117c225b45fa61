#include "terminal/question.hpp"

#include <unistd.h>

#include <cstdio>
#include <iostream>

namespace dvsync::cli {

bool confirmed(const std::string& question) {
  if (isatty(STDIN_FILENO) == 0) return true;
  std::fprintf(stderr, "%s [y/N] ", question.c_str());
  std::string answer;
  std::getline(std::cin, answer);
  return answer == "y" || answer == "Y" || answer == "yes";
}

}  // namespace dvsync::cli
