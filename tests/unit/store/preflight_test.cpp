#include <gmock/gmock.h>

#include "postgres/session_settings.hpp"
#include "postgres/storable.hpp"
#include "system_user_table.hpp"

namespace dvsync::store {
namespace {

using ::testing::AllOf;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::Field;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::IsSupersetOf;
using ::testing::Not;

constexpr std::uint32_t uuid = 2950;
constexpr std::uint32_t boolean = 16;
constexpr std::uint32_t smallint = 21;
constexpr std::uint32_t bigint = 20;
constexpr std::uint32_t text = 25;
constexpr std::uint32_t varchar = 1043;
constexpr std::uint32_t character = 1042;
constexpr std::uint32_t timestamptz = 1184;

// As `dvsync migrate` makes it.
SystemUserTable sound_table() {
  SystemUserTable table;
  table.object_ids_are_unique = true;
  const auto all = [&](std::uint32_t type, const std::string& type_name, const std::vector<std::string>& names) {
    for (const auto& name : names) table.columns[name] = {.type = type, .type_name = type_name};
  };
  all(uuid, "uuid",
      {"systemuserid", "azureactivedirectoryobjectid", "applicationid", "createdby", "modifiedby", "businessunitid"});
  all(smallint, "smallint", {"deletedstate", "accessmode", "azurestate", "invitestatuscode"});
  all(bigint, "bigint", {"versionnumber"});
  all(boolean, "boolean", {"islicensed", "isdisabled", "setupuser", "issyncwithdirectory"});
  all(timestamptz, "timestamp with time zone", {"azuredeletedon", "createdon", "modifiedon"});
  all(varchar, "character varying",
      {"domainname", "firstname", "lastname", "fullname", "internalemailaddress", "jobtitle", "address1_telephone1",
       "mobilephone", "homephone", "address1_fax", "address1_line1", "address1_city", "address1_stateorprovince",
       "address1_postalcode", "address1_country", "disabledreason"});
  return table;
}

auto says(const std::string& words) { return Field(&Obstacle::what, HasSubstr(words)); }

TEST(SystemUserTable, IsFineAsMigrateMakesIt) { EXPECT_THAT(find_obstacles(sound_table(), {}), IsEmpty()); }

TEST(SystemUserTable, IsMissing) {
  config::Environment environment;
  environment.schema = "contoso";
  EXPECT_THAT(find_obstacles(SystemUserTable{}, environment),
              ElementsAre(says("no table systemuser in schema contoso")));
}

TEST(SystemUserTable, LacksAnyOfTheColumnsThatTheRulesName) {
  for (const auto& [name, column] : sound_table().columns) {
    if (name == "businessunitid") continue;
    auto table = sound_table();
    table.columns.erase(name);
    EXPECT_THAT(find_obstacles(table, {}), ElementsAre(says("no column " + name))) << name;
  }
}

TEST(SystemUserTable, TakesTextOfAnyKindButPaddedText) {
  auto table = sound_table();
  table.columns["jobtitle"].type = text;
  table.columns["lastname"] = {.type = 70'000, .type_name = "citext", .is_citext = true};
  EXPECT_THAT(find_obstacles(table, {}), IsEmpty());
  table.columns["jobtitle"] = {.type = character, .type_name = "character"};
  EXPECT_THAT(find_obstacles(table, {}), ElementsAre(says("systemuser.jobtitle is of type character")));
}

TEST(SystemUserTable, HasColumnsThatNobodyCanWrite) {
  auto table = sound_table();
  table.columns["fullname"].generated = true;
  table.columns["versionnumber"].identity_always = true;
  table.columns["applicationid"].generated = true;  // only read
  EXPECT_THAT(find_obstacles(table, {}),
              ElementsAre(says("systemuser.fullname is a generated column"), says("GENERATED ALWAYS AS IDENTITY")));
}

TEST(SystemUserTable, DemandsWhatNobodyGives) {
  auto table = sound_table();
  table.columns["region"] = {.type = text, .type_name = "text", .mandatory = true};
  table.columns["domainname"].mandatory = true;  // the rules give it
  EXPECT_THAT(find_obstacles(table, {}), ElementsAre(says("systemuser.region is NOT NULL without a default")));
  config::Environment environment;
  environment.create_values = {{"region", "north"}};
  EXPECT_THAT(find_obstacles(table, environment), IsEmpty());
}

TEST(SystemUserTable, DemandsABusinessUnit) {
  auto table = sound_table();
  table.columns["businessunitid"].mandatory = true;
  EXPECT_THAT(find_obstacles(table, {}), ElementsAre(says("set this environment's business_unit")));
  table.business_unit.problem = "business_unit: there are two";
  EXPECT_THAT(find_obstacles(table, {}), ElementsAre(says("there are two")));
  table.business_unit = {core::Guid{}, ""};
  EXPECT_THAT(find_obstacles(table, {}), IsEmpty());
  table.columns.erase("businessunitid");
  EXPECT_THAT(find_obstacles(table, {}), ElementsAre(says("no column businessunitid")));
}

TEST(SystemUserTable, HasAShorterColumnWhichStopsNobody) {
  auto table = sound_table();
  table.columns["jobtitle"].length = 99;
  EXPECT_THAT(find_obstacles(table, {}),
              ElementsAre(AllOf(says("takes 99 characters"), Field(&Obstacle::stops, false))));
  table.columns["jobtitle"].length = 100;
  EXPECT_THAT(find_obstacles(table, {}), IsEmpty());
}

TEST(SystemUserTable, MayHoldAUserTwice) {
  auto table = sound_table();
  table.object_ids_are_unique = false;
  EXPECT_THAT(find_obstacles(table, {}), ElementsAre(says("no unique index")));
}

TEST(WrittenColumns, NameNeitherWhatIsOnlyReadNorWhatIsOnlyTheirs) {
  auto table = sound_table();
  table.columns["custom"] = {.type = text, .type_name = "text"};
  table.columns["region"] = {.type = text, .type_name = "text"};
  config::Environment environment;
  environment.create_values = {{"region", "north"}};
  const auto written = written_columns(table, environment);
  EXPECT_THAT(written.created, AllOf(IsSupersetOf({"systemuserid", "domainname", "region"}), Not(Contains("custom")),
                                     Not(Contains("applicationid")), Not(Contains("businessunitid"))));
  EXPECT_THAT(written.updated, AllOf(IsSupersetOf({"domainname", "modifiedon"}), Not(Contains("systemuserid")),
                                     Not(Contains("createdon")), Not(Contains("region"))));
}

TEST(Refusing, NamesTheFirstAndCountsTheRest) {
  const Obstacle note{.what = "a note", .stops = false};
  EXPECT_NO_THROW(refuse("here", {note}));
  try {
    refuse("here", {{"first"}, {.what = "second", .kind = StoreError::Kind::denied}, note});
    FAIL();
  } catch (const StoreError& error) {
    EXPECT_EQ(error.kind(), StoreError::Kind::schema);
    EXPECT_STREQ(error.what(), "here: first; `dvsync check` names 1 more");
  }
}

TEST(SessionSettings, LeaveATimeoutOfTheConnectionStringAlone) {
  EXPECT_THAT(select_settings("'contoso'", 150000, false), HasSubstr("set_config('statement_timeout'"));
  EXPECT_THAT(select_settings("'contoso'", 150000, true), Not(HasSubstr("statement_timeout")));
}

TEST(SessionSettings, AskNoServerForWhatALaterOneHas) {
  EXPECT_THAT(select_settings("'contoso'", 160004, false), Not(HasSubstr("'transaction_timeout'")));
  EXPECT_THAT(select_settings("'contoso'", 170000, false), HasSubstr("set_config('transaction_timeout', '0', false)"));
}

TEST(SpelledOut, KeepsAsciiAndNamesEverythingElse) {
  EXPECT_EQ(spelled_out("user1@contoso.example"), "user1@contoso.example");
  EXPECT_EQ(spelled_out("\u0141\u0119cka"), "<U+0141><U+0119>cka");
  EXPECT_EQ(spelled_out("a\u26c4b\U0001F600"), "a<U+26C4>b<U+1F600>");
  EXPECT_EQ(spelled_out("cut \xe2\x82"), "cut <U+0082>");  // never read beyond the end
}

}  // namespace
}  // namespace dvsync::store
