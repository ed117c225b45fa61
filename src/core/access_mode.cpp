#include "dvsync/core/access_mode.hpp"

#include "dvsync/core/eligibility.hpp"

namespace dvsync::core {
namespace {

constexpr auto read_write = static_cast<std::int16_t>(AccessMode::read_write);
constexpr auto administrative = static_cast<std::int16_t>(AccessMode::administrative);

}  // namespace

std::optional<bool> is_licensed(const Environment& environment, const Identity& identity) {
  if (is_creator(environment, identity)) return true;
  if (!identity.licence) return std::nullopt;
  return identity.licence->full;
}

AccessSetting access_of_new_row(const Environment& environment, const Identity& identity) {
  const bool unlicensed = is_licensed(environment, identity) == false;
  const bool administrator = is_administrator(identity, nullptr) == true;
  if (unlicensed && administrator) return {.accessmode = administrative, .setupuser = true};
  return {.accessmode = read_write, .setupuser = false};
}

AccessSetting access_of_row(const Environment& environment, const Identity& identity, const SystemUser& row) {
  const AccessSetting present{.accessmode = row.accessmode, .setupuser = row.setupuser};
  const std::optional<bool> administrator = is_administrator(identity, &row);
  if (!administrator) return present;
  const std::optional<bool> licensed = is_licensed(environment, identity);
  if (row.accessmode == read_write && *administrator && licensed == false) {
    return {.accessmode = administrative, .setupuser = true};
  }
  const bool ends = licensed == true || !*administrator;
  if (row.accessmode == administrative && row.setupuser && ends) {
    return {.accessmode = read_write, .setupuser = false};
  }
  return present;
}

}  // namespace dvsync::core
