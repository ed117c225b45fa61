#pragma once
// The database that a new configuration names: whether it is there, and making it.

#include <optional>
#include <string>

#include "init/interview.hpp"
#include "init/system_user.hpp"
#include "terminal/output.hpp"

namespace dvsync::cli {

class FirstDatabase {
 public:
  FirstDatabase(std::string conninfo, std::optional<SystemUser> service)
      : conninfo_(std::move(conninfo)), service_(std::move(service)) {}

  // Why the daemon's role cannot open a session; nullopt: it can.
  [[nodiscard]] std::optional<std::string> obstacle() const;
  // Shows what would be run, and runs it if it was asked for or somebody at the terminal agrees. Throws StoreError.
  void create(Output& out, Interview& interview, bool asked_for) const;
  // What an administrator of the server types instead.
  [[nodiscard]] std::string by_hand() const;

 private:
  std::string conninfo_;
  std::optional<SystemUser> service_;
};

}  // namespace dvsync::cli
