#pragma once
// Servers as children of the test: started in a temporary folder, waited for by a condition, ended with the fixture.

#include <sys/types.h>

#include <chrono>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

namespace dvsync::source {

// A folder of its own, removed at the end.
class TemporaryFolder {
 public:
  TemporaryFolder();
  ~TemporaryFolder();
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;
  [[nodiscard]] const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

class ServerProcess {
 public:
  ServerProcess() = default;
  ~ServerProcess() { stop(); }
  ServerProcess(const ServerProcess&) = delete;
  ServerProcess& operator=(const ServerProcess&) = delete;

  // Output goes to `log`. The child dies with the test.
  void start(const std::vector<std::string>& command, const std::filesystem::path& log);
  void stop();
  void kill_hard();
  [[nodiscard]] bool running();

 private:
  void end(int signal);
  pid_t pid_ = -1;
};

// Runs a program to its end and returns its exit status; `input` goes to its standard input, output to `log`.
int run(const std::vector<std::string>& command, const std::string& input, const std::filesystem::path& log);

// Tries until it is so; false: it never was.
[[nodiscard]] bool eventually(const std::function<bool()>& condition,
                              std::chrono::seconds limit = std::chrono::seconds{180});

[[nodiscard]] int free_port();
[[nodiscard]] bool accepts_connections(int port);
[[nodiscard]] std::string read_file(const std::filesystem::path& file);
void write_file(const std::filesystem::path& file, const std::string& text);

// A certificate authority and a server certificate for 127.0.0.1 (libldap takes `localhost` for the machine's name):
// ca.pem, server.pem, server.key, and other.pem, an authority that has signed nothing. Made once a process.
[[nodiscard]] const std::filesystem::path& certificates();

}  // namespace dvsync::source
