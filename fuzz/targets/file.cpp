// A directory file of any format, snapshot or delta. It ends in records or in a SourceError, and what it says does not
// depend on how its bytes arrive. The first byte chooses the format, the mode and the size of a block.

#include <array>

#include "input_file.hpp"
#include "unit/source/file_record_text.hpp"

namespace {

using namespace dvsync;
using namespace dvsync::source;

constexpr std::array formats{config::FileFormat::automatic, config::FileFormat::graph_jsonl,
                             config::FileFormat::m365_csv, config::FileFormat::ldif};

std::vector<std::string> outcome(const config::FileDirectory& directory, std::size_t block_size) {
  PullRequest request;
  request.groups = {"3f6b2c1e-0000-4000-8000-000000000001", "cn=staff,dc=example"};
  request.nested_groups = true;
  try {
    return file::to_text(file::drain(*file::make_file_pull(
        {.directory = directory, .max_rejects_percent = 100, .full_plans = {}}, request, block_size)));
  } catch (const SourceError& error) {
    return {error.what()};
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 2) return 0;
  const InputFile input({reinterpret_cast<const char*>(data) + 1, size - 1});
  config::FileDirectory directory;
  directory.path = input.path();
  directory.format = formats[data[0] & 3U];
  directory.mode = (data[0] & 4U) != 0 ? config::FileMode::delta : config::FileMode::snapshot;
  const auto whole = outcome(directory, file::default_block_size);
  const auto in_pieces = outcome(directory, std::size_t{64} << (data[0] >> 3U & 3U));
  REQUIRE(whole == in_pieces);
  return 0;
}
