#pragma once
// The section `licenses`: the shipped lists of service plans with the configured amendments.

#include "dvsync/config/configuration.hpp"
#include "section.hpp"

namespace dvsync::config {

[[nodiscard]] Licenses read_licenses(Section section);

}  // namespace dvsync::config
