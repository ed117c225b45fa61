#include "dvsync/sync/lease_wait.hpp"

#include <unistd.h>

#include <array>
#include <chrono>

#include "dvsync/interruptible_sleep.hpp"
#include "dvsync/store/open.hpp"
#include "dvsync/store/schedule.hpp"

namespace dvsync::sync {
namespace {

constexpr std::chrono::milliseconds poll{500};
constexpr std::chrono::seconds longest_courtesy{5};  // an idle daemon looks every second

std::string name_of_caller(const std::string& command) {
  std::array<char, 256> host{};
  gethostname(host.data(), host.size() - 1);
  return std::string(host.data()) + ", pid " + std::to_string(getpid()) + ", " + command;
}

// Tries, and says that it wants to, as long as `patient` (given the schedule) says so.
template <class Patient>
std::unique_ptr<store::Lease> ask_again_and_again(const config::Configuration& configuration,
                                                  const std::string& command, store::LeaseHolder& holder,
                                                  const std::stop_token& stop, const Patient& patient) {
  for (bool asked = false;; asked = true) {
    auto lease = try_lease(configuration, command, holder);
    if (lease && !asked) return lease;
    const auto mirror = store::open_mirror(configuration, {.stop = stop});
    if (lease || !patient(store::read_schedule(*mirror))) {
      if (asked) store::withdraw_request(*mirror);
      return lease;
    }
    store::request_lease(*mirror, name_of_caller(command));
    if (!sleep_for(poll, stop)) throw Interrupted();
  }
}

}  // namespace

std::unique_ptr<store::Lease> try_lease(const config::Configuration& configuration, const std::string& command,
                                        store::LeaseHolder& holder) {
  return store::Lease::try_take(configuration.database.connection, configuration.database.mirror_schema,
                                name_of_caller(command), store::Lease::default_duration, holder);
}

std::unique_ptr<store::Lease> wait_for_lease(const config::Configuration& configuration, const std::string& command,
                                             Observer& observer, const std::stop_token& stop) {
  store::LeaseHolder holder;
  bool told = false;
  return ask_again_and_again(configuration, command, holder, stop, [&](const store::ScheduleState&) {
    if (!told) observer.waiting_for(holder.name);
    return told = true;
  });
}

std::unique_ptr<store::Lease> lease_if_idle(const config::Configuration& configuration, const std::string& command,
                                            store::LeaseHolder& holder, const std::stop_token& stop) {
  const auto until = std::chrono::steady_clock::now() + longest_courtesy;
  return ask_again_and_again(configuration, command, holder, stop, [&](const store::ScheduleState& schedule) {
    const bool somebody_works = schedule.held_by_daemon ? schedule.running : !schedule.free;
    return !somebody_works && std::chrono::steady_clock::now() < until;
  });
}

}  // namespace dvsync::sync
