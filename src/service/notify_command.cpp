// Programs that are told about alarms.

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <spawn.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <system_error>
#include <utility>

#include "delivery.hpp"
#include "dvsync/error.hpp"

namespace dvsync::service {
namespace {

class Descriptor {
 public:
  explicit Descriptor(int number, const char* what) : number_(number) {
    if (number < 0) throw Error(std::string(what) + ": " + std::generic_category().message(errno));
  }
  ~Descriptor() { ::close(number_); }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  [[nodiscard]] int number() const { return number_; }

 private:
  int number_;
};

void require(int error, const char* what) {
  if (error != 0) throw Error(std::string(what) + ": " + std::generic_category().message(error));
}

// The message, in memory: a program that does not read it keeps nobody waiting, and nothing of it is on a disk.
void write_down(const Descriptor& file, std::string_view text) {
  while (!text.empty()) {
    const auto written = ::write(file.number(), text.data(), text.size());
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) require(errno, "the message cannot be handed over");
    text.remove_prefix(static_cast<std::size_t>(written));
  }
  ::lseek(file.number(), 0, SEEK_SET);
}

class SpawnActions {
 public:
  explicit SpawnActions(const Descriptor& input) {
    require(posix_spawn_file_actions_init(&actions_), "a program cannot be started");
    posix_spawn_file_actions_adddup2(&actions_, input.number(), STDIN_FILENO);
    posix_spawn_file_actions_addopen(&actions_, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
    posix_spawn_file_actions_addopen(&actions_, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
    posix_spawn_file_actions_addclosefrom_np(&actions_, STDERR_FILENO + 1);
  }
  ~SpawnActions() { posix_spawn_file_actions_destroy(&actions_); }
  SpawnActions(const SpawnActions&) = delete;
  SpawnActions& operator=(const SpawnActions&) = delete;
  [[nodiscard]] const posix_spawn_file_actions_t* get() const { return &actions_; }

 private:
  posix_spawn_file_actions_t actions_{};
};

// A process group of its own, and signals as a program expects them: the daemon's threads block them all.
class SpawnAttributes {
 public:
  SpawnAttributes() {
    require(posix_spawnattr_init(&attributes_), "a program cannot be started");
    sigset_t none;
    sigset_t all;
    sigemptyset(&none);
    sigfillset(&all);
    posix_spawnattr_setsigmask(&attributes_, &none);
    posix_spawnattr_setsigdefault(&attributes_, &all);
    posix_spawnattr_setpgroup(&attributes_, 0);
    posix_spawnattr_setflags(&attributes_, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETPGROUP);
  }
  ~SpawnAttributes() { posix_spawnattr_destroy(&attributes_); }
  SpawnAttributes(const SpawnAttributes&) = delete;
  SpawnAttributes& operator=(const SpawnAttributes&) = delete;
  [[nodiscard]] const posix_spawnattr_t* get() const { return &attributes_; }

 private:
  posix_spawnattr_t attributes_{};
};

// Nothing by which systemd or PostgreSQL know the daemon.
std::vector<std::string> environment_of_commands() {
  constexpr std::array names{"PATH", "HOME", "LANG", "TZ", "CREDENTIALS_DIRECTORY"};
  std::vector<std::string> variables;
  for (const auto* name : names) {
    const char* value = std::getenv(name);
    if (value != nullptr) variables.push_back(std::string(name) + "=" + value);
  }
  return variables;
}

std::vector<char*> pointers_to(std::vector<std::string>& texts) {
  std::vector<char*> pointers;
  for (auto& text : texts) pointers.push_back(text.data());
  pointers.push_back(nullptr);
  return pointers;
}

// A program that was started. It does not outlive this.
class Child {
 public:
  Child(std::vector<std::string> arguments, const Descriptor& input) {
    auto variables = environment_of_commands();
    const SpawnActions actions(input);
    const SpawnAttributes attributes;
    require(posix_spawn(&pid_, arguments.front().c_str(), actions.get(), attributes.get(),
                        pointers_to(arguments).data(), pointers_to(variables).data()),
            arguments.front().c_str());
  }
  ~Child() {
    if (ended_) return;
    ::kill(-pid_, SIGKILL);
    while (::waitpid(pid_, nullptr, 0) < 0 && errno == EINTR) {
    }
  }
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;
  [[nodiscard]] pid_t pid() const { return pid_; }

  // How it ended; it has.
  [[nodiscard]] int status() {
    int status = 0;
    while (::waitpid(pid_, &status, 0) < 0 && errno == EINTR) {
    }
    ended_ = true;
    return status;
  }

 private:
  pid_t pid_ = 0;
  bool ended_ = false;
};

// False: it goes on.
bool ends_within(const Descriptor& child, std::chrono::milliseconds limit, const std::stop_token& stop) {
  using Clock = std::chrono::steady_clock;
  constexpr int slice = 100;  // until a stop is looked for
  const auto deadline = Clock::now() + limit;
  while (Clock::now() < deadline) {
    if (stop.stop_requested()) throw Interrupted();
    pollfd ended{.fd = child.number(), .events = POLLIN, .revents = 0};
    if (::poll(&ended, 1, slice) > 0) return true;
  }
  return false;
}

}  // namespace

Delivery run_command(const std::vector<std::string>& arguments, const std::string& input,
                     std::chrono::milliseconds limit, const std::stop_token& stop) {
  const Descriptor message(::memfd_create("dvsync message", MFD_CLOEXEC), "the message cannot be handed over");
  write_down(message, input);
  Child child(arguments, message);
  // glibc 2.36 declares its function for C alone.
  const Descriptor handle(static_cast<int>(::syscall(SYS_pidfd_open, child.pid(), 0)),
                          "a program cannot be waited for");
  const auto& program = arguments.front();
  if (!ends_within(handle, limit, stop)) {
    return {.why = fmt::format("{} did not end within {} s, and was killed", program,
                               std::chrono::duration_cast<std::chrono::seconds>(limit).count())};
  }
  const auto status = child.status();
  if (WIFEXITED(status) && WEXITSTATUS(status) == 0) return {.delivered = true};
  return {.why = WIFEXITED(status) ? fmt::format("{} ended with exit code {}", program, WEXITSTATUS(status))
                                   : fmt::format("{} was ended by signal {}", program, WTERMSIG(status))};
}

}  // namespace dvsync::service
