#include "terminal/pager.hpp"

#include <csignal>
#include <cstdlib>
#include <string>
#include <string_view>

namespace dvsync::cli {
namespace {

std::string pager_of_the_user() {
  const char* chosen = std::getenv("PAGER");
  const std::string_view pager = chosen != nullptr ? chosen : "less";
  return pager == "cat" ? std::string() : std::string(pager);
}

}  // namespace

Pager::Pager(Output& out) : out_(out) {
  const auto pager = pager_of_the_user();
  const char* term = std::getenv("TERM");
  if (!out.terminal() || pager.empty() || term == nullptr || std::string_view(term) == "dumb") return;
  // Leaves at once if all fits, keeps colours, does not clear the screen: unless the user says otherwise.
  ::setenv("LESS", "FRX", 0);
  out.flush();
  ::signal(SIGPIPE, SIG_IGN);
  // The user's own words for a program of theirs, run as themselves: a shell reads them, as it does for git and man.
  pipe_ = ::popen(pager.c_str(), "w");  // NOLINT(cert-env33-c)
  if (pipe_ != nullptr) terminal_ = out.redirect(pipe_);
}

Pager::~Pager() {
  if (pipe_ == nullptr) return;
  out_.redirect(terminal_);
  ::pclose(pipe_);
}

}  // namespace dvsync::cli
