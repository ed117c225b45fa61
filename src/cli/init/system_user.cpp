#include "init/system_user.hpp"

#include <grp.h>
#include <pwd.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <system_error>

namespace dvsync::cli {
namespace {

void require_done(int result, const char* what) {
  if (result != 0) throw std::system_error(errno, std::generic_category(), what);
}

}  // namespace

std::optional<SystemUser> other_user(const std::string& name) {
  if (geteuid() != 0) return std::nullopt;
  const auto* found = getpwnam(name.c_str());
  if (found == nullptr) return std::nullopt;
  return SystemUser{.name = name, .uid = found->pw_uid, .gid = found->pw_gid, .home = found->pw_dir};
}

// libpq looks for its files below $HOME, and a socket tells the server the effective user.
WorkingAs::WorkingAs(const std::optional<SystemUser>& user) {
  if (!user) return;
  if (const char* home = std::getenv("HOME")) home_ = home;
  gid_ = getegid();
  groups_.resize(static_cast<std::size_t>(getgroups(0, nullptr)));
  require_done(getgroups(static_cast<int>(groups_.size()), groups_.data()) < 0 ? -1 : 0, "getgroups");
  require_done(setgroups(1, &user->gid), "setgroups");
  require_done(setegid(user->gid), "setegid");
  require_done(seteuid(user->uid), "seteuid");
  setenv("HOME", user->home.c_str(), 1);
  changed_ = true;
}

WorkingAs::~WorkingAs() {
  if (!changed_) return;
  // Whoever cannot become himself again must not go on as somebody else.
  if (seteuid(getuid()) != 0 || setegid(gid_) != 0 || setgroups(groups_.size(), groups_.data()) != 0) std::abort();
  if (home_) {
    setenv("HOME", home_->c_str(), 1);
  } else {
    unsetenv("HOME");
  }
}

}  // namespace dvsync::cli
