#include "command.hpp"

namespace dvsync::cli {

config::Configuration Context::configuration() const {
  auto loaded = config::load(config::file_to_load(configuration_file));
  if (auto* diagnostics = std::get_if<std::vector<config::Diagnostic>>(&loaded)) {
    throw InvalidConfiguration(std::move(*diagnostics));
  }
  return std::get<config::Configuration>(std::move(loaded));
}

}  // namespace dvsync::cli
