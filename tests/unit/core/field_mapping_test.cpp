// Fields: which value a column gets, when it is written, and the three presets.

#include "dvsync/core/field_mapping.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

#include "dvsync/core/plan.hpp"
#include "support/builders.hpp"

namespace dvsync::core {
namespace {

using ::testing::UnorderedElementsAreArray;
using enum Attribute;
using test::a_row;
using test::an_environment;
using test::an_identity;

const FieldMapping dataverse = mapping_of(MappingPreset::dataverse);

std::string repeated(std::string_view text, std::size_t times) {
  std::string result;
  for (std::size_t i = 0; i < times; ++i) result += text;
  return result;
}

Text value(const Identity& identity, Column column, const FieldMapping& mapping = dataverse) {
  return map_field(mapping, identity, column).value;
}

// Every attribute says its own name.
Identity somebody_complete() {
  test::IdentityBuilder builder = an_identity();
  for (std::size_t i = 0; i < attribute_count; ++i) {
    const auto attribute = static_cast<Attribute>(i);
    builder.with(attribute, "the " + std::string{name_of(attribute)});
  }
  return builder;
}

TEST(Fields, ComeFromTheAttributesOfTheTable) {
  using enum Column;
  const std::vector<std::pair<Column, std::string>> table{
      {domainname, "the userPrincipalName"},
      {firstname, "the givenName"},
      {lastname, "the surname"},
      {fullname, "the givenName the surname"},
      {internalemailaddress, "the mail"},
      {jobtitle, "the jobTitle"},
      {address1_telephone1, "the businessPhones"},
      {mobilephone, "the mobilePhone"},
      {homephone, "the homePhone"},
      {address1_fax, "the faxNumber"},
      {address1_line1, "the streetAddress"},
      {address1_city, "the city"},
      {address1_stateorprovince, "the state"},
      {address1_postalcode, "the postalCode"},
      {address1_country, "the country"},
  };
  EXPECT_EQ(table.size(), text_column_count);
  for (const auto& [column, expected] : table) EXPECT_EQ(value(somebody_complete(), column), expected);
}

TEST(Fields, ThatAreNoTextAreNotMapped) {
  EXPECT_EQ(map_field(dataverse, somebody_complete(), Column::islicensed), MappedValue{});
}

TEST(FullName, IsFirstBlankLastAsStored) {
  struct Line {
    Text given, last;
    std::string_view first_last, last_first;
  };
  const std::vector<Line> table{
      {"Ana", "Li", "Ana Li", "Li Ana"},
      {"Ana", std::nullopt, "Ana", "Ana"},
      {"Ana", "\t", "Ana", "Ana"},
      {std::nullopt, "Li", "# Li", "Li #"},
      {" \xc2\xa0", "Li", "# Li", "Li #"},
      {std::nullopt, std::nullopt, "Ana Li (Oslo)", "Ana Li (Oslo)"},
      {"", "", "Ana Li (Oslo)", "Ana Li (Oslo)"},
  };
  FieldMapping reversed = dataverse;
  reversed.full_name_order = FullNameOrder::last_first;
  for (const Line& line : table) {
    Identity identity = an_identity();
    identity.profile[given_name] = line.given;
    identity.profile[surname] = line.last;
    EXPECT_EQ(value(identity, Column::fullname), line.first_last);
    EXPECT_EQ(value(identity, Column::fullname, reversed), line.last_first);
  }
}

TEST(FullName, OfSomebodyWithoutAnyNameIsTheUserName) {
  const Identity nameless = an_identity().without(given_name).without(surname).with(display_name, " ");
  EXPECT_EQ(value(nameless, Column::fullname), "ana1@contoso.example");
  EXPECT_EQ(value(nameless, Column::firstname), "#");
  EXPECT_EQ(value(nameless, Column::lastname), std::nullopt);
}

TEST(FullName, IsCutAcrossItsPieces) {
  const std::string given = repeated("\xc3\xa9", 150);
  const Identity identity = an_identity().with(given_name, given).with(surname, repeated("x", 100));
  const MappedValue full = map_field(dataverse, identity, Column::fullname);
  EXPECT_TRUE(full.cut);
  EXPECT_EQ(full.value, given + " " + repeated("x", 49));
}

TEST(PrimaryEmail, IsTheUserNameWithoutMail) {
  EXPECT_EQ(value(an_identity(), Column::internalemailaddress), "ana.li@contoso.example");
  EXPECT_EQ(value(an_identity().without(mail), Column::internalemailaddress), "ana1@contoso.example");
  EXPECT_EQ(value(an_identity().with(mail, "  "), Column::internalemailaddress), "ana1@contoso.example");
}

TEST(Fields, ThatAreBlankAreNoValue) {
  for (const std::string_view blank : {"", " ", "\t\r\n", "\xe3\x80\x80", "\xc2\xa0 \xe2\x80\x83"}) {
    const Identity identity = an_identity().with(job_title, std::string{blank}).with(given_name, std::string{blank});
    EXPECT_EQ(value(identity, Column::jobtitle), std::nullopt);
    EXPECT_EQ(value(identity, Column::firstname), "#");
  }
}

TEST(Fields, KeepTheWhiteSpaceAroundAValue) {
  EXPECT_EQ(value(an_identity().with(job_title, " Engineer "), Column::jobtitle), " Engineer ");
}

TEST(Fields, AreCutAtTheColumnsLengthInCodePoints) {
  for (std::size_t i = 0; i < text_column_count; ++i) {
    const auto column = static_cast<Column>(i);
    if (column == Column::fullname) continue;
    SCOPED_TRACE(name_of(column));
    const std::size_t length = length_of(column);
    for (const std::string_view letter : {"x", "\xc3\xa9", "\xe2\x82\xac", "\xf0\x9f\x98\x80"}) {
      Identity fits = somebody_complete();
      for (Text& text : fits.profile.values) text = repeated(letter, length);
      EXPECT_EQ(map_field(dataverse, fits, column), (MappedValue{.value = repeated(letter, length), .cut = false}));
      Identity too_long = fits;
      for (Text& text : too_long.profile.values) text = repeated(letter, length + 1);
      EXPECT_EQ(map_field(dataverse, too_long, column), (MappedValue{.value = repeated(letter, length), .cut = true}));
    }
  }
}

TEST(Fields, ThatWouldBeBlankOnceCutAreNoValue) {
  const Identity identity = an_identity().with(job_title, repeated(" ", 100) + "Engineer");
  EXPECT_EQ(map_field(dataverse, identity, Column::jobtitle), MappedValue{});
}

TEST(Fields, ThatAreCutAreNamedInTheChange) {
  const Identity identity = an_identity().with(job_title, repeated("x", 101)).with(city, repeated("y", 129));
  const Planned created = plan(an_environment(), {}, identity, nullptr);
  ASSERT_TRUE(created.change);
  EXPECT_TRUE(created.change->cut.contains(Column::jobtitle));
  EXPECT_TRUE(created.change->cut.contains(Column::address1_city));
  EXPECT_FALSE(created.change->cut.contains(Column::firstname));

  const SystemUser row = a_row(identity).with(Column::jobtitle, "Apprentice");
  const Planned updated = plan(an_environment(), {}, identity, &row);
  ASSERT_TRUE(updated.change);
  Columns only_title;
  only_title.add(Column::jobtitle);
  EXPECT_EQ(updated.change->cut, only_title) << "the city was cut before, and is not written now";
  EXPECT_EQ(updated.change->columns, only_title);
}

TEST(Fields, AreComparedToTheEnd) {
  for (const std::string_view stored : {"Engineer II", "Enginee", "engineer", ""}) {
    const SystemUser row = a_row(an_identity()).with(Column::jobtitle, std::string{stored});
    const Planned planned = plan(an_environment(), {}, an_identity(), &row);
    ASSERT_TRUE(planned.change) << stored;
    EXPECT_EQ(planned.change->after[Column::jobtitle], "Engineer");
  }
}

TEST(Fields, ClearedInTheDirectoryAreClearedInTheRow) {
  const SystemUser row = a_row(an_identity());
  const Planned planned = plan(an_environment(), {}, an_identity().without(job_title).without(given_name), &row);
  ASSERT_TRUE(planned.change);
  EXPECT_EQ(planned.change->after[Column::jobtitle], std::nullopt);
  EXPECT_EQ(planned.change->after[Column::firstname], "#");
}

TEST(Fields, FollowOnDisabledRowsToo) {
  for (const std::string_view reason : {"no_license", "on leave"}) {
    const SystemUser row = a_row(an_identity().no_plan()).disabled(reason).with(Column::jobtitle, "Apprentice");
    const Planned planned = plan(an_environment(), {}, an_identity().no_plan(), &row);
    ASSERT_TRUE(planned.change) << reason;
    EXPECT_EQ(planned.change->after[Column::jobtitle], "Engineer");
  }
}

TEST(Fields, FollowASoftDeleteThatShowsThem) {
  const SystemUser row = a_row(an_identity());
  const Identity identity = an_identity().soft_deleted().with(user_principal_name, "0123ana1@contoso.example");
  const Planned planned = plan(an_environment(), {}, identity, &row);
  ASSERT_TRUE(planned.change);
  EXPECT_EQ(planned.change->after[Column::domainname], "0123ana1@contoso.example");
}

TEST(Fields, StayAtASoftDeleteThatShowsOnlyTheIdAndForSomebodyGone) {
  const SystemUser row = a_row(an_identity());
  Identity only_id = an_identity().soft_deleted().no_plan();
  only_id.profile = {};
  for (const Identity& identity : {only_id, an_identity().gone().with(job_title, "Baker").no_plan().build()}) {
    const Planned planned = plan(an_environment(), {}, identity, &row);
    EXPECT_EQ(planned.decision, Decision::disable);
    EXPECT_FALSE(planned.rejection);
    ASSERT_TRUE(planned.change);
    EXPECT_EQ(planned.change->after.texts, row.texts);
    EXPECT_TRUE(planned.change->after.islicensed);
  }
}

// --- presets and policies

std::vector<std::string_view> columns_with(const FieldMapping& mapping, UpdatePolicy policy) {
  std::vector<std::string_view> names;
  for (std::size_t i = 0; i < text_column_count; ++i) {
    const auto column = static_cast<Column>(i);
    if (mapping.policy(column) == policy) names.push_back(name_of(column));
  }
  return names;
}

using Names = std::vector<std::string_view>;

TEST(Presets, DataverseIsTheTableOfTheRules) {
  EXPECT_THAT(columns_with(dataverse, UpdatePolicy::always),
              UnorderedElementsAreArray(Names{"domainname", "firstname", "lastname", "jobtitle", "address1_telephone1",
                                              "mobilephone", "address1_line1", "address1_city",
                                              "address1_stateorprovince", "address1_postalcode", "address1_country"}));
  EXPECT_THAT(columns_with(dataverse, UpdatePolicy::on_create),
              UnorderedElementsAreArray(Names{"fullname", "internalemailaddress"}));
  EXPECT_THAT(columns_with(dataverse, UpdatePolicy::never),
              UnorderedElementsAreArray(Names{"homephone", "address1_fax"}));
}

TEST(Presets, Dynamics2019FollowsFullNameAndFaxButNoPostalCode) {
  const FieldMapping mapping = mapping_of(MappingPreset::dynamics365_2019);
  EXPECT_THAT(columns_with(mapping, UpdatePolicy::always),
              UnorderedElementsAreArray(Names{"domainname", "firstname", "lastname", "fullname", "jobtitle",
                                              "address1_telephone1", "mobilephone", "address1_fax", "address1_line1",
                                              "address1_city", "address1_stateorprovince", "address1_country"}));
  EXPECT_THAT(columns_with(mapping, UpdatePolicy::on_create), UnorderedElementsAreArray(Names{"internalemailaddress"}));
  EXPECT_THAT(columns_with(mapping, UpdatePolicy::never),
              UnorderedElementsAreArray(Names{"homephone", "address1_postalcode"}));
}

TEST(Presets, OnPremisesIsPopulatedOnceAndNotSynchronisedAfterwards) {
  const FieldMapping mapping = mapping_of(MappingPreset::onprem_ad);
  EXPECT_THAT(columns_with(mapping, UpdatePolicy::on_create),
              UnorderedElementsAreArray(Names{"domainname", "firstname", "lastname", "fullname", "address1_telephone1",
                                              "internalemailaddress", "address1_city", "address1_stateorprovince",
                                              "homephone"}));
  EXPECT_THAT(columns_with(mapping, UpdatePolicy::never),
              UnorderedElementsAreArray(Names{"jobtitle", "mobilephone", "address1_line1", "address1_postalcode",
                                              "address1_country", "address1_fax"}));
}

Environment mapped_by(MappingPreset preset) {
  Environment environment = an_environment();
  environment.mapping = mapping_of(preset);
  return environment;
}

TEST(Presets, CreateExactlyTheirColumns) {
  for (const MappingPreset preset :
       {MappingPreset::dataverse, MappingPreset::dynamics365_2019, MappingPreset::onprem_ad}) {
    const Environment environment = mapped_by(preset);
    const Planned planned = plan(environment, {}, somebody_complete(), nullptr);
    ASSERT_TRUE(planned.change);
    for (std::size_t i = 0; i < text_column_count; ++i) {
      const auto column = static_cast<Column>(i);
      const bool mapped = environment.mapping.policy(column) != UpdatePolicy::never;
      EXPECT_EQ(planned.change->after[column].has_value(), mapped) << name_of(column);
    }
  }
}

TEST(Presets, UpdateOnlyWhatTheirPoliciesAllow) {
  for (const MappingPreset preset :
       {MappingPreset::dataverse, MappingPreset::dynamics365_2019, MappingPreset::onprem_ad}) {
    const Environment environment = mapped_by(preset);
    SystemUser row = a_row(an_identity(), environment.mapping);
    for (Text& text : row.texts) text = "edited here";
    row.islicensed = false;
    const Planned planned = plan(environment, {}, somebody_complete(), &row);
    ASSERT_TRUE(planned.change);
    EXPECT_TRUE(planned.change->after.islicensed) << "follows in every preset";
    for (std::size_t i = 0; i < text_column_count; ++i) {
      const auto column = static_cast<Column>(i);
      const bool follows = environment.mapping.policy(column) == UpdatePolicy::always;
      EXPECT_EQ(planned.change->columns.contains(column), follows) << name_of(column);
      EXPECT_EQ(planned.change->after[column] == "edited here", !follows) << name_of(column);
    }
  }
}

TEST(Presets, ThatFollowTheFullNameMakeItOfTheNamesStoredThen) {
  const Environment environment = mapped_by(MappingPreset::dynamics365_2019);
  const SystemUser row = a_row(an_identity(), environment.mapping);
  const Planned planned = plan(environment, {}, an_identity().with(surname, "Berg").without(given_name), &row);
  ASSERT_TRUE(planned.change);
  EXPECT_EQ(planned.change->after[Column::fullname], "# Berg");

  const Planned nameless = plan(environment, {}, an_identity().without(surname).without(given_name), &row);
  ASSERT_TRUE(nameless.change);
  EXPECT_EQ(nameless.change->after[Column::fullname], "Ana Li (Oslo)");
}

TEST(Presets, ThatFollowTheFullNameNoticeANewFirstName) {
  const Environment environment = mapped_by(MappingPreset::dynamics365_2019);
  const SystemUser row = a_row(an_identity(), environment.mapping);
  const Planned planned = plan(environment, {}, an_identity().with(given_name, "Anna"), &row);
  ASSERT_TRUE(planned.change);
  EXPECT_EQ(planned.change->after[Column::firstname], "Anna");
  EXPECT_EQ(planned.change->after[Column::fullname], "Anna Li");
}

TEST(Presets, ThatFollowTheFullNameRespectANameThatDoesNotFollow) {
  Environment environment = mapped_by(MappingPreset::dynamics365_2019);
  environment.mapping.policies[static_cast<std::size_t>(Column::firstname)] = UpdatePolicy::on_create;
  const SystemUser row = a_row(an_identity(), environment.mapping).with(Column::firstname, "Anna");
  const Planned planned = plan(environment, {}, an_identity().with(surname, "Berg"), &row);
  ASSERT_TRUE(planned.change);
  EXPECT_EQ(planned.change->after[Column::fullname], "Anna Berg");
}

// --- until_edited

Environment until_edited() {
  Environment environment = an_environment();
  environment.mapping.policies[static_cast<std::size_t>(Column::internalemailaddress)] = UpdatePolicy::until_edited;
  return environment;
}

constexpr Column email = Column::internalemailaddress;

WrittenColumn wrote(std::string_view value, bool edited = false) {
  return {.column = email, .written = {.value = std::string{value}, .edited = edited}};
}

TEST(UntilEdited, RemembersWhatACreateWrote) {
  const Planned planned = plan(until_edited(), {}, an_identity(), nullptr);
  EXPECT_EQ(planned.written, std::vector{wrote("ana.li@contoso.example")});
}

TEST(UntilEdited, FollowsWhileTheRowHoldsWhatWasWritten) {
  const SystemUser row = a_row(an_identity());
  const Identity moved = an_identity().with(mail, "ana.berg@contoso.example");
  const Planned planned = plan(until_edited(), {}, moved, &row, {wrote("ana.li@contoso.example")});
  ASSERT_TRUE(planned.change);
  EXPECT_EQ(planned.change->after[email], "ana.berg@contoso.example");
  EXPECT_EQ(planned.written, std::vector{wrote("ana.berg@contoso.example")});
}

TEST(UntilEdited, SaysNothingWhileNothingMoves) {
  const SystemUser row = a_row(an_identity());
  const Planned planned = plan(until_edited(), {}, an_identity(), &row, {wrote("ana.li@contoso.example")});
  EXPECT_FALSE(planned.change);
  EXPECT_TRUE(planned.written.empty());
}

TEST(UntilEdited, StopsForGoodAtTheFirstForeignEdit) {
  const SystemUser edited = a_row(an_identity()).with(email, "ana@home.example");
  const Planned first = plan(until_edited(), {}, an_identity(), &edited, {wrote("ana.li@contoso.example")});
  EXPECT_FALSE(first.change);
  EXPECT_EQ(first.written, std::vector{wrote("ana.li@contoso.example", true)});

  // Even when the row happens to hold again what the sync once wrote.
  const SystemUser restored = a_row(an_identity());
  const Identity moved = an_identity().with(mail, "ana.berg@contoso.example");
  const Planned second = plan(until_edited(), {}, moved, &restored, first.written);
  EXPECT_FALSE(second.change);
  EXPECT_TRUE(second.written.empty());
}

TEST(UntilEdited, CountsAForeignClearingAsAnEdit) {
  const SystemUser cleared = a_row(an_identity()).with(email, std::nullopt);
  const Planned planned = plan(until_edited(), {}, an_identity(), &cleared, {wrote("ana.li@contoso.example")});
  EXPECT_FALSE(planned.change);
  EXPECT_EQ(planned.written, std::vector{wrote("ana.li@contoso.example", true)});
}

TEST(UntilEdited, CountsAColumnNeverWrittenAsEdited) {
  const SystemUser row = a_row(an_identity()).with(email, "ana@home.example");
  const Planned planned = plan(until_edited(), {}, an_identity(), &row);
  EXPECT_FALSE(planned.change);
  EXPECT_TRUE(planned.written.empty());
}

TEST(UntilEdited, TakesUpAColumnThatAlreadyHoldsTheValue) {
  const SystemUser row = a_row(an_identity());
  const Planned planned = plan(until_edited(), {}, an_identity(), &row);
  EXPECT_FALSE(planned.change);
  EXPECT_EQ(planned.written, std::vector{wrote("ana.li@contoso.example")});
}

TEST(UntilEdited, RemembersTheValueAsCut) {
  const Identity identity = an_identity().with(mail, repeated("x", 120));
  const Planned created = plan(until_edited(), {}, identity, nullptr);
  ASSERT_TRUE(created.change);
  EXPECT_EQ(created.written, std::vector{wrote(repeated("x", 100))});
  const Planned again = plan(until_edited(), {}, identity, &created.change->after, created.written);
  EXPECT_FALSE(again.change);
  EXPECT_TRUE(again.written.empty());
}

TEST(OnCreate, IsWrittenByNoLaterTrigger) {
  const SystemUser row = a_row(an_identity()).disabled(Reason::no_license);
  const Identity moved = an_identity().with(mail, "ana.berg@contoso.example");
  for (const Trigger trigger : {Trigger::background, Trigger::on_demand, Trigger::first_access}) {
    const Planned planned = plan(an_environment(), {.trigger = trigger}, moved, &row);
    ASSERT_TRUE(planned.change);
    EXPECT_EQ(planned.change->action, Decision::enable);
    EXPECT_FALSE(planned.change->columns.contains(email));
  }
}

}  // namespace
}  // namespace dvsync::core
