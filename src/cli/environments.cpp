#include "environments.hpp"

#include <algorithm>

#include "dvsync/sync/engine.hpp"
#include "errors.hpp"

namespace dvsync::cli {

int each_environment(const Context& context, const config::Configuration& configuration,
                     const std::vector<std::string>& names,
                     const std::function<void(const config::Environment&)>& work) {
  int code = 0;
  for (const auto* environment : sync::chosen(configuration, names)) {
    if (environment->rules.type == core::EnvironmentType::none) continue;
    try {
      work(*environment);
    } catch (const StoreError& error) {
      const auto failure = failure_of(error, context.err.paint());
      context.err.write(failure.text);
      context.err.flush();
      code = std::max(code, failure.exit_code);
    }
  }
  return code;
}

}  // namespace dvsync::cli
