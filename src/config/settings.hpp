#pragma once
// The small sections.

#include <filesystem>

#include "dvsync/config/configuration.hpp"
#include "section.hpp"

namespace dvsync::config {

[[nodiscard]] Schedule read_schedule(Section section);
[[nodiscard]] Requests read_requests(Section section);
[[nodiscard]] Safety read_safety(Section section);
[[nodiscard]] Log read_log(Section section, const std::filesystem::path& folder);
[[nodiscard]] Metrics read_metrics(Section section, const std::filesystem::path& folder);

// console.cpp
[[nodiscard]] Console read_console(Section section, const std::filesystem::path& folder);
// notify.cpp
[[nodiscard]] std::vector<NotifyTarget> read_notify(std::vector<Section> sections, const std::filesystem::path& folder);

}  // namespace dvsync::config
