// D9, D7: an identity that cannot be synchronised as it is.

#include "dvsync/core/rejection.hpp"

#include <gtest/gtest.h>

#include <vector>

#include "dvsync/core/plan.hpp"
#include "support/builders.hpp"

namespace dvsync::core {
namespace {

using test::a_row;
using test::an_environment;
using test::an_identity;

std::vector<Identity> rejected(const test::IdentityBuilder& somebody) {
  return {test::IdentityBuilder{somebody}.defect("jobTitle holds NUL"),
          test::IdentityBuilder{somebody}.without(Attribute::user_principal_name),
          test::IdentityBuilder{somebody}.with(Attribute::user_principal_name, " \t")};
}

std::optional<Reason> reason_for(const Identity& identity) {
  const std::optional<Rejection> rejection = rejection_of(identity);
  return rejection ? std::optional{rejection->reason} : std::nullopt;
}

TEST(Rejection, HasItsReasons) {
  EXPECT_EQ(reason_for(an_identity()), std::nullopt);
  EXPECT_EQ(reason_for(an_identity().incomplete()), Reason::identity_incomplete);
  EXPECT_EQ(reason_for(an_identity().defect("jobTitle holds NUL")), Reason::invalid_value);
  EXPECT_EQ(reason_for(an_identity().without(Attribute::user_principal_name)), Reason::user_name_missing);
  EXPECT_EQ(reason_for(an_identity().with(Attribute::user_principal_name, "\xe3\x80\x80")), Reason::user_name_missing);
  EXPECT_EQ(rejection_of(an_identity().defect("jobTitle holds NUL"))->detail, "jobTitle holds NUL");
}

TEST(Rejection, AsksNothingOfWhomTheDirectoryNoLongerShows) {
  EXPECT_EQ(reason_for(an_identity().soft_deleted().without(Attribute::user_principal_name)), std::nullopt);
  EXPECT_EQ(reason_for(an_identity().soft_deleted().incomplete()), std::nullopt);
  EXPECT_EQ(reason_for(an_identity().gone().defect("jobTitle holds NUL").without(Attribute::user_principal_name)),
            std::nullopt);
  EXPECT_EQ(reason_for(an_identity().lifecycle(std::nullopt).incomplete()), std::nullopt);
}

TEST(Rejected, IsNeitherCreatedNorEnabled) {
  for (const Identity& identity : rejected(an_identity())) {
    const SystemUser disabled = a_row(an_identity()).disabled(Reason::no_license).with(Column::jobtitle, "Apprentice");
    const SystemUser manual = a_row(an_identity()).disabled("on leave");
    for (const Trigger trigger : {Trigger::background, Trigger::on_demand}) {
      const bool background = trigger == Trigger::background;
      const PlanOptions options{.trigger = trigger};
      const Planned none = plan(an_environment(), options, identity, nullptr);
      EXPECT_EQ(none.decision, background ? Decision::ignore : Decision::refuse);
      EXPECT_EQ(none.reason, none.rejection->reason);
      EXPECT_FALSE(none.change);
      const Planned d = plan(an_environment(), options, identity, &disabled);
      EXPECT_EQ(d.decision, background ? Decision::keep : Decision::refuse);
      EXPECT_EQ(d.reason, d.rejection->reason);
      EXPECT_FALSE(d.change);
      const Planned m = plan(an_environment(), options, identity, &manual);
      EXPECT_EQ(m.decision, background ? Decision::keep : Decision::refuse);
      EXPECT_EQ(m.reason, background ? Reason::manually_disabled : m.rejection->reason);
      EXPECT_FALSE(m.change);
    }
  }
}

TEST(Rejected, KeepsItsFieldsButFollowsInAzureState) {
  for (const Identity& identity : rejected(an_identity())) {
    const SystemUser row = a_row(an_identity())
                               .with(Column::jobtitle, "Apprentice")
                               .islicensed(false)
                               .azure(AzureState::soft_deleted, test::at(1));
    const Planned planned = plan(an_environment(), {}, identity, &row);
    EXPECT_EQ(planned.decision, Decision::update);
    EXPECT_TRUE(planned.rejection);
    ASSERT_TRUE(planned.change);
    EXPECT_EQ(planned.change->after.texts, row.texts);
    EXPECT_FALSE(planned.change->after.islicensed);
    EXPECT_EQ(planned.change->after.azurestate, 0);
    EXPECT_EQ(planned.change->after.azuredeletedon, std::nullopt);
  }
}

TEST(Rejected, IsStillDisabled) {
  for (const Identity& identity : rejected(an_identity().account_disabled())) {
    const SystemUser row = a_row(an_identity()).with(Column::jobtitle, "Apprentice");
    const Planned planned = plan(an_environment(), {}, identity, &row);
    EXPECT_EQ(planned.decision, Decision::disable);
    EXPECT_EQ(planned.reason, Reason::account_disabled);
    EXPECT_TRUE(planned.rejection);
    ASSERT_TRUE(planned.change);
    EXPECT_EQ(planned.change->after.disabledreason, "account_disabled");
    EXPECT_EQ(planned.change->after[Column::jobtitle], "Apprentice");
  }
}

TEST(Rejected, LosesAdministrativeModeButNeverGetsIt) {
  for (const Identity& identity : rejected(an_identity())) {
    const SystemUser row = a_row(an_identity()).access_mode(AccessMode::administrative, true);
    const Planned planned = plan(an_environment(), {}, identity, &row);
    ASSERT_TRUE(planned.change);
    EXPECT_EQ(planned.change->after.accessmode, 0);
    EXPECT_FALSE(planned.change->after.setupuser);
  }
  for (const Identity& identity : rejected(an_identity().no_plan().role(Role::global_administrator))) {
    const SystemUser row = a_row(an_identity().no_plan());
    EXPECT_FALSE(plan(an_environment(), {}, identity, &row).change);
  }
}

TEST(Rejected, DoesNotEvenTouchTheBookkeepingOfUntilEdited) {
  Environment environment = an_environment();
  environment.mapping.policies[static_cast<std::size_t>(Column::internalemailaddress)] = UpdatePolicy::until_edited;
  for (const Identity& identity : rejected(an_identity())) {
    const SystemUser row = a_row(an_identity());
    EXPECT_TRUE(plan(environment, {}, identity, &row).written.empty());
  }
}

TEST(Incomplete, ChangesNothingAtAll) {
  const Identity identity = an_identity().incomplete().no_plan();
  const SystemUser row = a_row(an_identity())
                             .with(Column::jobtitle, "Apprentice")
                             .azure(AzureState::soft_deleted)
                             .access_mode(AccessMode::administrative, true);
  const Planned planned = plan(an_environment(), {}, identity, &row);
  EXPECT_EQ(planned.decision, Decision::keep);
  EXPECT_EQ(planned.reason, Reason::identity_incomplete);
  EXPECT_EQ(planned.rejection->reason, Reason::identity_incomplete);
  EXPECT_FALSE(planned.missing);
  EXPECT_FALSE(planned.change);
  EXPECT_TRUE(planned.access);
}

}  // namespace
}  // namespace dvsync::core
