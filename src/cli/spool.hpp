#pragma once
// Text that is printed later, however much it is: kept in a file without a name.

#include <cstdint>
#include <cstdio>
#include <memory>
#include <string_view>

#include "output.hpp"

namespace dvsync::cli {

class Spool {
 public:
  // One item. Throws Error when the disk is full.
  void add(std::string_view item);
  [[nodiscard]] std::int64_t items() const { return items_; }
  // Everything so far goes to `out`, and is forgotten.
  void pour_into(Output& out);

 private:
  std::unique_ptr<std::FILE, int (*)(std::FILE*)> file_{nullptr, &std::fclose};
  std::int64_t items_ = 0;
};

}  // namespace dvsync::cli
