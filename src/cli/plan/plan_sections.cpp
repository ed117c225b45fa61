#include "plan/plan_sections.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <system_error>

namespace dvsync::cli {
namespace {

// What gives access first, then what takes it away, then the rest.
constexpr std::array actions{core::Decision::create, core::Decision::enable, core::Decision::disable,
                             core::Decision::update};

[[noreturn]] void fail() {
  throw std::system_error(errno, std::generic_category(),
                          "cannot keep the plan in a temporary file (make room in /tmp)");
}

}  // namespace

void Spool::add(std::string_view item) {
  if (!file_) file_.reset(std::tmpfile());
  if (!file_ || std::fwrite(item.data(), 1, item.size(), file_.get()) != item.size()) fail();
  ++items_;
}

void Spool::pour_into(Output& out) {
  if (!file_) return;
  if (std::fflush(file_.get()) != 0 || std::fseek(file_.get(), 0, SEEK_SET) != 0) fail();
  std::array<char, 65536> buffer{};
  while (const auto read = std::fread(buffer.data(), 1, buffer.size(), file_.get())) out.write({buffer.data(), read});
  if (std::ferror(file_.get()) != 0) fail();
  file_.reset();
  items_ = 0;
}

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
