#include "terminal/stop_signals.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <system_error>

namespace dvsync::cli {
namespace {

sigset_t watched() {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGINT);
  sigaddset(&set, SIGTERM);
  return set;
}

// As if nobody had ever caught it.
[[noreturn]] void die_of(int signal) {
  ::signal(signal, SIG_DFL);
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, signal);
  pthread_sigmask(SIG_UNBLOCK, &set, nullptr);
  raise(signal);
  _exit(128 + signal);
}

}  // namespace

StopSignals::StopSignals() {
  const auto set = watched();
  pthread_sigmask(SIG_BLOCK, &set, &before_);
  ::signal(SIGPIPE, SIG_IGN);
  signals_ = signalfd(-1, &set, SFD_CLOEXEC);
  if (signals_ < 0 || pipe2(end_.data(), O_CLOEXEC) != 0) {
    throw std::system_error(errno, std::generic_category(), "cannot wait for signals");
  }
  thread_ = std::thread([this] { watch(); });
}

StopSignals::~StopSignals() {
  close(end_[1]);
  thread_.join();
  close(end_[0]);
  close(signals_);
  pthread_sigmask(SIG_SETMASK, &before_, nullptr);
}

void StopSignals::watch() {
  std::array<pollfd, 2> waiting{{{signals_, POLLIN, 0}, {end_[0], POLLIN, 0}}};
  for (;;) {
    if (poll(waiting.data(), waiting.size(), -1) < 0) continue;
    if (waiting[1].revents != 0) return;
    signalfd_siginfo info{};
    if (read(signals_, &info, sizeof info) != static_cast<ssize_t>(sizeof info)) continue;
    if (!stop_.request_stop()) die_of(static_cast<int>(info.ssi_signo));
  }
}

}  // namespace dvsync::cli
