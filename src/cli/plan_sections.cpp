#include "plan_sections.hpp"

#include <algorithm>

namespace dvsync::cli {
namespace {

// What gives access first, then what takes it away, then the rest.
constexpr std::array actions{core::Decision::create, core::Decision::enable, core::Decision::disable,
                             core::Decision::update};

}  // namespace

PlanSections::PlanSections() {
  for (const auto action : actions) {
    sections_.push_back({.action = action, .guarded = std::nullopt, .items = {}});
    for (std::size_t c = 0; c < core::guard_class_count; ++c) {
      sections_.push_back({.action = action, .guarded = static_cast<core::GuardClass>(c), .items = {}});
    }
  }
}

void PlanSections::add(const core::Change& change, bool approved, std::string_view item) {
  const auto guarded = approved ? std::nullopt : change.guarded;
  const auto section = std::find_if(sections_.begin(), sections_.end(), [&](const Section& one) {
    return one.action == change.action && one.guarded == guarded;
  });
  if (section != sections_.end()) section->items.add(item);
}

void PlanSections::each(const std::function<void(Section&)>& visit) {
  for (auto& section : sections_) {
    if (section.items.items() > 0) visit(section);
  }
}

std::int64_t PlanSections::count(core::Decision action) const {
  std::int64_t sum = 0;
  for (const auto& section : sections_) sum += section.action == action ? section.items.items() : 0;
  return sum;
}

std::int64_t PlanSections::count() const {
  std::int64_t sum = 0;
  for (const auto action : actions) sum += count(action);
  return sum;
}

}  // namespace dvsync::cli
