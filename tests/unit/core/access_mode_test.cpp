#include <gtest/gtest.h>

#include <string_view>
#include <vector>

#include "dvsync/core/plan.hpp"
#include "support/builders.hpp"
#include "transition.hpp"

namespace dvsync::core {
namespace {

using test::a_row;
using test::an_environment;
using test::an_identity;

constexpr AccessSetting read_write{.accessmode = 0, .setupuser = false};
constexpr AccessSetting administrative_by_sync{.accessmode = 1, .setupuser = true};
constexpr AccessSetting administrative_by_choice{.accessmode = 1, .setupuser = false};

SystemUser row_with(AccessSetting setting) {
  return a_row(an_identity()).access_mode(static_cast<AccessMode>(setting.accessmode), setting.setupuser);
}

Environment created_by_ana() {
  Environment environment = an_environment(EnvironmentType::developer);
  environment.creator = an_identity().build().object_id;
  return environment;
}

TEST(Licensed, MeansAFullPlanOrTheCreator) {
  EXPECT_EQ(is_licensed(an_environment(), an_identity()), true);
  EXPECT_EQ(is_licensed(an_environment(), an_identity().free_plan()), false);
  EXPECT_EQ(is_licensed(an_environment(), an_identity().licence_unknown()), std::nullopt);
  EXPECT_EQ(is_licensed(created_by_ana(), an_identity().no_plan()), true);
  EXPECT_EQ(is_licensed(created_by_ana(), an_identity(2).no_plan()), false);
}

TEST(AccessOfNewRow, IsAdministrativeForUnlicensedAdministrators) {
  const auto administrator = [] { return an_identity().no_plan().role(Role::dynamics365_administrator); };
  EXPECT_EQ(access_of_new_row(an_environment(), administrator()), administrative_by_sync);
  EXPECT_EQ(access_of_new_row(an_environment(), administrator().free_plan()), administrative_by_sync);
  EXPECT_EQ(access_of_new_row(an_environment(), administrator().full_plan()), read_write);
  EXPECT_EQ(access_of_new_row(an_environment(), administrator().licence_unknown()), read_write);
  EXPECT_EQ(access_of_new_row(created_by_ana(), administrator()), read_write);
  EXPECT_EQ(access_of_new_row(an_environment(), an_identity().free_plan()), read_write);
  EXPECT_EQ(access_of_new_row(an_environment(), an_identity().free_plan().roles_unknown()), read_write);
}

TEST(AccessOfRow, FollowsRoleAndLicence) {
  const auto admin = [] { return an_identity().role(Role::global_administrator); };
  struct Line {
    std::string_view what;
    Identity identity;
    AccessSetting before, after;
  };
  const std::vector<Line> table{
      {"unlicensed administrator", admin().no_plan(), read_write, administrative_by_sync},
      {"administrator with a free plan", admin().free_plan(), read_write, administrative_by_sync},
      {"licensed administrator", admin(), read_write, read_write},
      {"administrator whose plans nobody knows", admin().licence_unknown(), read_write, read_write},
      {"no administrator", an_identity().no_plan(), read_write, read_write},
      {"unlicensed administrator stays", admin().no_plan(), administrative_by_sync, administrative_by_sync},
      {"plans unknown: stays", admin().licence_unknown(), administrative_by_sync, administrative_by_sync},
      {"administrator got a licence", admin(), administrative_by_sync, read_write},
      {"role gone, no licence", an_identity().no_plan(), administrative_by_sync, read_write},
      {"role gone, licence", an_identity(), administrative_by_sync, read_write},
      {"role unknown", an_identity().no_plan().roles_unknown(), administrative_by_sync, administrative_by_sync},
      {"role unknown, licence", an_identity().roles_unknown(), administrative_by_sync, administrative_by_sync},
      {"no roles in the directory, but the trace of one", an_identity().roles_not_carried(), administrative_by_sync,
       administrative_by_sync},
      {"no roles in the directory", an_identity().no_plan().roles_not_carried(), read_write, read_write},
      {"chosen by an administrator, licensed", an_identity(), administrative_by_choice, administrative_by_choice},
      {"chosen by an administrator, unlicensed administrator", admin().no_plan(), administrative_by_choice,
       administrative_by_choice},
  };
  for (const Line& line : table) {
    EXPECT_EQ(access_of_row(an_environment(), line.identity, row_with(line.before)), line.after) << line.what;
  }
}

TEST(AccessOfRow, NeverTouchesTheOtherModes) {
  for (const AccessMode mode :
       {AccessMode::read, AccessMode::support, AccessMode::non_interactive, AccessMode::delegated_admin}) {
    for (const bool setupuser : {false, true}) {
      const AccessSetting setting{.accessmode = static_cast<std::int16_t>(mode), .setupuser = setupuser};
      for (const Identity& identity : {an_identity().build(), an_identity().no_plan().build(),
                                       an_identity().no_plan().role(Role::global_administrator).build(),
                                       an_identity().role(Role::global_administrator).build()}) {
        EXPECT_EQ(access_of_row(an_environment(), identity, row_with(setting)), setting) << setting.accessmode;
      }
    }
  }
}

// Where the access mode is touched at all: the row is or becomes enabled, or is an M row that qualifies.

std::int16_t mode_after(const Identity& identity, const SystemUser& row, Trigger trigger = Trigger::background) {
  const Planned planned = plan(an_environment(), {.trigger = trigger}, identity, &row);
  return planned.change ? planned.change->after.accessmode : row.accessmode;
}

TEST(AccessMode, FollowsOnlyWhereTheRowIsEnabledOrQualifies) {
  const auto traced = [] { return test::RowBuilder{row_with(administrative_by_sync)}; };
  const Identity licensed = an_identity();
  const Identity free = an_identity().free_plan();
  const Identity nobody = an_identity().no_plan();
  EXPECT_EQ(mode_after(licensed, traced()), 0) << "E";
  EXPECT_EQ(mode_after(free, traced()), 0) << "E, conditional";
  EXPECT_EQ(mode_after(nobody, traced()), 1) << "E that is disabled";
  EXPECT_EQ(mode_after(licensed, traced().disabled(Reason::no_license)), 0) << "D that is enabled";
  EXPECT_EQ(mode_after(free, traced().disabled(Reason::no_license)), 1) << "D that stays";
  EXPECT_EQ(mode_after(licensed, traced().disabled_otherwise()), 0) << "M that qualifies";
  EXPECT_EQ(mode_after(free, traced().disabled_otherwise()), 1) << "M that does not qualify in the background";
  EXPECT_EQ(mode_after(free, traced().disabled_otherwise(), Trigger::on_demand), 0) << "M enabled on demand";
}

TEST(AccessMode, OfANewUnlicensedAdministratorIsAdministrative) {
  const Planned planned = plan(an_environment(), {}, an_identity().no_plan().role(Role::global_administrator), nullptr);
  ASSERT_TRUE(planned.change);
  EXPECT_EQ(planned.change->after.accessmode, 1);
  EXPECT_TRUE(planned.change->after.setupuser);
  EXPECT_FALSE(planned.change->after.islicensed);
}

}  // namespace
}  // namespace dvsync::core
