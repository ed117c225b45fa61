// Rows of COPY in binary, as a server, or what stands for one, may send them.

#include "dvsync/store/postgres/rows.hpp"

#include "dvsync/store/postgres/copied_rows.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  dvsync::store::CopiedRows rows;
  std::string_view rest(reinterpret_cast<const char*>(data), size);
  // One message after the other; each begins with its length.
  while (!rest.empty()) {
    const auto length = std::min<std::size_t>(static_cast<unsigned char>(rest.front()), rest.size() - 1);
    if (!rows.add(rest.substr(1, length))) return 0;
    rest.remove_prefix(1 + length);
    for (int row = 0; row < rows.size(); ++row) static_cast<void>(rows.null(row, 0) ? 0 : rows.bytes(row, 0).size());
  }
  return 0;
}
