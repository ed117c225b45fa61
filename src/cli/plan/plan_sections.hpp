#pragma once
// The changes of one environment's plan, sorted: by what they do, and by whether the guard may hold them back, which
// only the end tells.

#include <cstdint>
#include <cstdio>
#include <functional>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include "dvsync/core/plan.hpp"
#include "terminal/output.hpp"

namespace dvsync::cli {

// Text that is printed later, however much it is: kept in a file without a name.
class Spool {
 public:
  // One item. Throws std::system_error when the disk is full.
  void add(std::string_view item);
  [[nodiscard]] std::int64_t items() const { return items_; }
  // Everything so far goes to `out`, and is forgotten.
  void pour_into(Output& out);

 private:
  std::unique_ptr<std::FILE, int (*)(std::FILE*)> file_{nullptr, &std::fclose};
  std::int64_t items_ = 0;
};

class PlanSections {
 public:
  struct Section {
    core::Decision action = core::Decision::update;
    std::optional<core::GuardClass> guarded;  // nullopt: the guard has no say
    Spool items;
  };

  PlanSections();
  // `approved`: an operator has released it already.
  void add(const core::Change& change, bool approved, std::string_view item);
  // Those that hold something, in the order in which they are printed.
  void each(const std::function<void(Section&)>& visit);
  [[nodiscard]] std::int64_t count(core::Decision action) const;
  [[nodiscard]] std::int64_t count() const;

 private:
  std::vector<Section> sections_;
};

}  // namespace dvsync::cli
