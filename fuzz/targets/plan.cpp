// A saved plan: it is what `dvsync plan --out` writes, or it is refused; what is taken can be shown, without a control
// character of its own.

#include <algorithm>
#include <boost/json.hpp>

#include "cli/plan/plan_file.hpp"
#include "cli/plan/plan_printer.hpp"
#include "cli/plan/saved_plan_json.hpp"
#include "require.hpp"

namespace {

using namespace dvsync;

std::string shown(const boost::json::object& content) {
  char* text = nullptr;
  std::size_t size = 0;
  std::FILE* const memory = open_memstream(&text, &size);
  {
    cli::Output out(memory, cli::ColorMode::never);
    sync::Observer nobody;
    const auto printer = cli::make_text_plan(out, nobody);
    try {
      cli::tell_again(content, *printer);
    } catch (const cli::PlanFileError&) {
    }
  }
  std::fclose(memory);
  std::string result(text, size);
  std::free(text);
  return result;
}

bool is_control(char c) { return static_cast<unsigned char>(c) < 0x20 && c != '\n'; }

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  boost::system::error_code broken;
  const auto parsed = boost::json::parse({reinterpret_cast<const char*>(data), size}, broken);
  if (broken || !parsed.is_object()) return 0;
  const auto& content = parsed.get_object();
  try {
    const auto plan = cli::saved_plan_of(content, "hash");
    REQUIRE(plan.hash == "hash");
  } catch (const cli::PlanFileError& error) {
    REQUIRE(!std::string_view(error.what()).empty());
  }
  const auto text = shown(content);
  REQUIRE(std::none_of(text.begin(), text.end(), is_control));
  return 0;
}
