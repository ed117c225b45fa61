#pragma once
// The commands, each in a file of its own.

#include <memory>

#include "command.hpp"

namespace dvsync::cli {

[[nodiscard]] std::unique_ptr<Command> make_sync_command();
[[nodiscard]] std::unique_ptr<Command> make_check_command();
[[nodiscard]] std::unique_ptr<Command> make_migrate_command();

}  // namespace dvsync::cli
