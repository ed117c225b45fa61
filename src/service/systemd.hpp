#pragma once
// What systemd is told (sd_notify). Without systemd, nothing happens.

#include <chrono>
#include <optional>
#include <string>

namespace dvsync::service::systemd {

void ready();
void reloading();
void stopping();
void status(const std::string& words);
void feed_watchdog();
// How long systemd waits for a sign of life; nullopt: it does not.
[[nodiscard]] std::optional<std::chrono::microseconds> watchdog();

}  // namespace dvsync::service::systemd
