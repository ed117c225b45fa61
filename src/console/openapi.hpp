#pragma once

#include <string_view>

namespace dvsync::console {

extern const std::string_view openapi;  // docs/openapi.json

}  // namespace dvsync::console
