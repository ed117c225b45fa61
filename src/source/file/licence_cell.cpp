#include "source/file/licence_cell.hpp"

#include <algorithm>
#include <utility>

#include "dvsync/config/service_plans.hpp"
#include "dvsync/core/text.hpp"
#include "source/ascii.hpp"
#include "source/file/csv_vocabulary.hpp"
#include "source/utf8.hpp"

namespace dvsync::source::file {
namespace {

constexpr std::size_t combinations_kept = 4'096;
constexpr std::size_t names_kept = 20;

// "+" joins products, but belongs to a name where blanks surround it: "Enterprise Mobility + Security E5".
std::size_t find_joint(std::string_view cell) {
  for (std::size_t at = cell.find('+'); at != std::string_view::npos; at = cell.find('+', at + 1)) {
    const bool in_a_name = at > 0 && at + 1 < cell.size() && cell[at - 1] == ' ' && cell[at + 1] == ' ';
    if (!in_a_name) return at;
  }
  return cell.size();
}

}  // namespace

LicenceCell::LicenceCell(std::vector<core::Guid> full_plans) : full_plans_(std::move(full_plans)) {
  std::ranges::sort(full_plans_);
}

const Licences& LicenceCell::read(std::string_view cell) {
  const auto seen = seen_.find(std::string(cell));
  if (seen != seen_.end()) return seen->second;
  Licences licences;
  std::vector<core::Guid>& plans = licences.plans;
  for (std::string_view rest = cell; !rest.empty();) {
    const std::size_t joint = find_joint(rest);
    add_product(trimmed(rest.substr(0, joint)), licences);
    rest.remove_prefix(std::min(joint + 1, rest.size()));
  }
  std::ranges::sort(plans);
  plans.erase(std::unique(plans.begin(), plans.end()), plans.end());
  licences.holds_full_plan = std::ranges::any_of(
      plans, [this](const core::Guid& plan) { return std::ranges::binary_search(full_plans_, plan); });
  if (seen_.size() < combinations_kept) return seen_.emplace(cell, std::move(licences)).first->second;
  return scratch_ = std::move(licences);
}

void LicenceCell::add_product(std::string_view name, Licences& licences) {
  if (name.empty() || says_unlicensed(name)) return;
  const auto found = config::plans_of_product(name);
  if (found) {
    licences.plans.insert(licences.plans.end(), found->begin(), found->end());
  } else {
    licences.names_unknown = true;
    add_unknown(name);
  }
}

void LicenceCell::add_unknown(std::string_view name) {
  if (unknown_.size() < names_kept && find_fault(name) == TextFault::none) unknown_.emplace(core::cut_to(name, 120));
}

void LicenceCell::warn(std::vector<std::string>& warnings) const {
  if (unknown_.empty()) return;
  std::string warning = "products without a known service plan; whether they license their users is not known:";
  for (const std::string& name : unknown_) warning.append(name == *unknown_.begin() ? " " : "; ").append(name);
  warnings.push_back(warning + ". A graph-jsonl export carries the plans themselves");
}

}  // namespace dvsync::source::file
