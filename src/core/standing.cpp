#include "dvsync/core/standing.hpp"

namespace dvsync::core {

void Standing::set_reason(std::string_view code) {
  has_reason = !code.empty();
  disabledreason = code;
}

void Standing::follow_lifecycle(const Identity& identity) {
  switch (*identity.lifecycle) {
    case Lifecycle::present:
      azurestate = static_cast<std::int16_t>(AzureState::exists);
      azuredeletedon.reset();
      break;
    case Lifecycle::soft_deleted:
      azurestate = static_cast<std::int16_t>(AzureState::soft_deleted);
      // A directory that does not say when leaves what the row says: there is no clock here.
      if (identity.deleted_at) azuredeletedon = identity.deleted_at;
      break;
    case Lifecycle::gone:
      azurestate = static_cast<std::int16_t>(AzureState::not_found);
      break;
  }
}

void Standing::write_to(SystemUser& row) const {
  row.islicensed = islicensed;
  row.isdisabled = isdisabled;
  row.disabledreason = has_reason ? Text{disabledreason} : std::nullopt;
  row.accessmode = access.accessmode;
  row.setupuser = access.setupuser;
  row.azurestate = azurestate;
  row.azuredeletedon = azuredeletedon;
  row.invitestatuscode = invitestatuscode;
}

Standing standing_of(const SystemUser& row) {
  return {.islicensed = row.islicensed,
          .isdisabled = row.isdisabled,
          .has_reason = row.disabledreason.has_value(),
          .disabledreason = row.disabledreason ? std::string_view{*row.disabledreason} : std::string_view{},
          .access = {.accessmode = row.accessmode, .setupuser = row.setupuser},
          .azurestate = row.azurestate,
          .azuredeletedon = row.azuredeletedon,
          .invitestatuscode = row.invitestatuscode};
}

}  // namespace dvsync::core
