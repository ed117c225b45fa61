// A configuration file: it is read, or every mistake has a place and words that can be shown.

#include "dvsync/config/configuration.hpp"

#include "require.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view yaml(reinterpret_cast<const char*>(data), size);
  const auto loaded = dvsync::config::parse(yaml, "dvsync.yaml");
  REQUIRE(loaded.configuration.has_value() == loaded.diagnostics.empty());
  for (const auto& diagnostic : loaded.diagnostics) REQUIRE(!dvsync::config::to_string(diagnostic).empty());
  return 0;
}
