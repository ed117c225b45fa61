#pragma once
// Users of the operating system, for whom root prepares things.

#include <sys/types.h>

#include <optional>
#include <string>
#include <vector>

namespace dvsync::cli {

struct SystemUser {
  std::string name;
  uid_t uid = 0;
  gid_t gid = 0;
  std::string home;
};

// The one that the package makes for the daemon.
inline constexpr const char* service_user = "dvsync";

// Only root may work as somebody else: nullopt for everybody who is not, and where there is no such user.
[[nodiscard]] std::optional<SystemUser> other_user(const std::string& name);

// As long as it lives, files and sockets are opened as this user; nullopt: as before.
class WorkingAs {
 public:
  explicit WorkingAs(const std::optional<SystemUser>& user);
  ~WorkingAs();
  WorkingAs(const WorkingAs&) = delete;
  WorkingAs& operator=(const WorkingAs&) = delete;

 private:
  bool changed_ = false;
  gid_t gid_ = 0;
  std::vector<gid_t> groups_;
  std::optional<std::string> home_;
};

}  // namespace dvsync::cli
