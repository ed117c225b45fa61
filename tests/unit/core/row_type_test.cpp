// Gate 0: which rows are no directory users.

#include <gtest/gtest.h>

#include "dvsync/core/eligibility.hpp"
#include "dvsync/core/plan.hpp"
#include "support/builders.hpp"

namespace dvsync::core {
namespace {

using test::a_row;
using test::an_environment;
using test::an_identity;

SystemUser without_object_id() {
  SystemUser row = a_row(an_identity());
  row.azureactivedirectoryobjectid.reset();
  return row;
}

TEST(RowType, OfAnOrdinaryUserIsNoExclusion) { EXPECT_FALSE(row_type_exclusion(a_row(an_identity()))); }

TEST(RowType, OfAnApplicationUserComesBeforeEverythingElse) {
  SystemUser row = without_object_id();
  row.applicationid = test::guid(7);
  row.deletedstate = 1;
  row[Column::domainname] = "crmoln@microsoft.com";
  EXPECT_EQ(row_type_exclusion(row), Reason::application_user);
}

TEST(RowType, WithoutObjectIdTellsTheKindsApart) {
  SystemUser row = without_object_id();
  EXPECT_EQ(row_type_exclusion(row), Reason::stub_user);
  row[Column::fullname] = "SYSTEM";
  EXPECT_EQ(row_type_exclusion(row), Reason::system_user);
  row[Column::fullname] = "INTEGRATION";
  EXPECT_EQ(row_type_exclusion(row), Reason::system_user);
  row.accessmode = static_cast<std::int16_t>(AccessMode::support);
  EXPECT_EQ(row_type_exclusion(row), Reason::support_user);
  row.accessmode = static_cast<std::int16_t>(AccessMode::delegated_admin);
  EXPECT_EQ(row_type_exclusion(row), Reason::delegated_admin);
}

TEST(RowType, WithoutObjectIdAndWithAPlaceholderIsNoStub) {
  SystemUser row = without_object_id();
  row[Column::domainname] = "crmoln@microsoft.com";
  EXPECT_EQ(row_type_exclusion(row), Reason::support_user);
}

TEST(RowType, OfAPlaceholderIsKnownByItsNameInAnyCase) {
  EXPECT_EQ(row_type_exclusion(a_row(an_identity()).with(Column::domainname, "CrmOln@Microsoft.com")),
            Reason::support_user);
  EXPECT_EQ(row_type_exclusion(a_row(an_identity()).with(Column::domainname, "crmoln2@microsoft.com")),
            Reason::delegated_admin);
  EXPECT_FALSE(row_type_exclusion(a_row(an_identity()).with(Column::domainname, "crmoln3@microsoft.com")));
}

TEST(RowType, OfADeletedRow) {
  SystemUser row = a_row(an_identity());
  row.deletedstate = 1;
  EXPECT_EQ(row_type_exclusion(row), Reason::deleted_in_dataverse);
}

TEST(RowType, WithAnObjectIdMayBeNamedSystem) {
  EXPECT_FALSE(row_type_exclusion(a_row(an_identity()).with(Column::fullname, "SYSTEM")));
}

TEST(RowType, ThatIsExcludedIsNeverTouchedWhateverTheDirectorySays) {
  for (const Trigger trigger : {Trigger::background, Trigger::on_demand, Trigger::first_access}) {
    for (const Identity& identity : {an_identity().build(), an_identity().gone().build(),
                                     an_identity().with(Attribute::job_title, "Baker").account_disabled().build()}) {
      SystemUser row = a_row(an_identity());
      row.applicationid = test::guid(7);
      const Planned planned = plan(an_environment(), {.trigger = trigger}, identity, &row);
      EXPECT_EQ(planned.decision, trigger == Trigger::background ? Decision::ignore : Decision::refuse);
      EXPECT_EQ(planned.reason, Reason::application_user);
      EXPECT_FALSE(planned.change);
      EXPECT_FALSE(planned.access);
    }
  }
}

}  // namespace
}  // namespace dvsync::core
