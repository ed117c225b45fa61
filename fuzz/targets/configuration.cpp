// A configuration file: it is read, or every mistake has a place and words that can be shown.

#include "dvsync/config/configuration.hpp"

#include "require.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view yaml(reinterpret_cast<const char*>(data), size);
  const auto loaded = dvsync::config::parse(yaml, "dvsync.yaml");
  const auto* mistakes = std::get_if<std::vector<dvsync::config::Diagnostic>>(&loaded);
  if (mistakes == nullptr) return 0;
  REQUIRE(!mistakes->empty());
  for (const auto& mistake : *mistakes) REQUIRE(!dvsync::config::to_string(mistake).empty());
  return 0;
}
