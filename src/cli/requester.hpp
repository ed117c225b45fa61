#pragma once
// Who runs this command, for the log.

#include <string>

namespace dvsync::cli {

// The operating system's name of the user, or the number of one without a name.
[[nodiscard]] std::string requester();

}  // namespace dvsync::cli
