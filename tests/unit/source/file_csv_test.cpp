// m365-csv: columns by name, cells as the portals write them.

#include <gmock/gmock.h>

#include <string>

#include "dvsync/config/service_plans.hpp"
#include "source/file/licence_cell.hpp"
#include "unit/source/file_fixture.hpp"

namespace dvsync::source::file {
namespace {

using core::Attribute;
using ::testing::Each;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

const core::Guid dataverse = guid("6ea4c1ef-c259-46df-bce2-943342cd3cb2");        // DYN365_CDS_P2
const core::Guid dataverse_in_e3 = guid("4ff01e01-1ba7-4d71-8cf8-ce96c3bbcf14");  // DYN365_CDS_O365_P2

// The newer export of the admin centre.
constexpr std::string_view new_header =
    "Display name,DirSyncEnabled,User principal name,Object Id,First name,Last name,When created,Soft deletion time "
    "stamp,"
    "Title,Department,Preferred data location,City,CountryOrRegion,Office,StateOrProvince,Usage location,Last dirsync "
    "time,"
    "Block credential,Licenses,Password never expires,Last password change time stamp,Mobile Phone,Phone number,"
    "Postal code,Preferred language,Street address,Fax,Proxy addresses";
constexpr std::string_view new_row =
    "Ana Li,False,ana@contoso.example,11111111-1111-4111-8111-111111111111,Ana,Li,2022-03-18 "
    "19:49:35Z,,Seller,,,Oslo,Norway,"
    ",Viken,NO,,False,Power Apps Premium+Office 365 E3,False,2022-03-18 19:49:35Z,+47 9,+47 22,0150,en,Storgata 1,+47 "
    "23,"
    "smtp:old@contoso.example+SMTP:ana+news@contoso.example+X500:/o=First";

// The older one, in alphabetical order.
constexpr std::string_view old_header =
    "Block credential,City,Country/Region,Department,DirSyncEnabled,Display name,Fax,First name,Last dirsync time,Last "
    "name,"
    "Last password change time stamp,License assignment details,Licenses,Mobile Phone,Oath token meta data,Object "
    "Id,Office,"
    "Password never expires,Phone number,Postal code,Preferred data location,Preferred language,Proxy addresses,"
    "Release track,Soft deletion time stamp,State ,Street address,Strong password required,Title,Usage location,"
    "User principal name,When created";
constexpr std::string_view old_row =
    "FALSE,Oslo,Norway,,,Ana Li,+47 23,Ana,,Li,,Power Apps Premium+Office 365 E3,,+47 9,,"
    "11111111-1111-4111-8111-111111111111,,,+47 22,0150,,,SMTP:ana+news@contoso.example,,,Viken,Storgata 1,,Seller,NO,"
    "ana@contoso.example,2022";

// The user download of the Entra portal: no licences.
constexpr std::string_view entra_header =
    "userPrincipalName,displayName,surname,mail,givenName,id,userType,jobTitle,department,accountEnabled,usageLocation,"
    "streetAddress,state,country,officeLocation,city,postalCode,telephoneNumber,mobilePhone,faxNumber";
constexpr std::string_view entra_row =
    "ana@contoso.example,Ana "
    "Li,Li,ana+news@contoso.example,Ana,11111111-1111-4111-8111-111111111111,Member,Seller,,True,NO,"
    "Storgata 1,Viken,Norway,,Oslo,0150,+47 22,+47 9,+47 23";

struct ExportCase {
  std::string_view name;
  std::string_view header;
  std::string_view row;
  bool has_licences = true;
};

class CsvExportTest : public FileTest, public ::testing::WithParamInterface<ExportCase> {};

TEST_P(CsvExportTest, ReadsEveryGenerationAndShape) {
  const std::string header(GetParam().header);
  const std::string row(GetParam().row);
  std::string quoted = "\"" + row + "\"";
  for (std::size_t at = 0; (at = quoted.find(',', at)) != std::string::npos; at += 3) quoted.replace(at, 1, "\",\"");
  std::string semicolons = header + "\n" + row + "\n";
  std::replace(semicolons.begin(), semicolons.end(), ',', ';');
  for (const std::string& content :
       {header + "\n" + row + "\n", header + "\r\n" + row + "\r\n", "\xef\xbb\xbf" + header + "\n" + row,
        header + "\n" + quoted + "\r\n\r\n", semicolons}) {
    const Pulled pulled = pull("users.csv", content);
    ASSERT_THAT(pulled.all.identities, SizeIs(1)) << content;
    const IdentityRecord& ana = pulled.all.identities[0];
    EXPECT_EQ(ana.object_id, guid(ana_id));
    EXPECT_TRUE(ana.whole);
    EXPECT_EQ(ana.account_enabled, true);
    EXPECT_EQ(ana.guest, false);
    const auto& profile = ana.profile;
    EXPECT_EQ(profile[Attribute::user_principal_name], "ana@contoso.example");
    EXPECT_EQ(profile[Attribute::display_name], "Ana Li");
    EXPECT_EQ(profile[Attribute::given_name], "Ana");
    EXPECT_EQ(profile[Attribute::surname], "Li");
    EXPECT_EQ(profile[Attribute::mail], "ana+news@contoso.example");
    EXPECT_EQ(profile[Attribute::job_title], "Seller");
    EXPECT_EQ(profile[Attribute::business_phone], "+47 22");
    EXPECT_EQ(profile[Attribute::mobile_phone], "+47 9");
    EXPECT_EQ(profile[Attribute::fax_number], "+47 23");
    EXPECT_EQ(profile[Attribute::street_address], "Storgata 1");
    EXPECT_EQ(profile[Attribute::city], "Oslo");
    EXPECT_EQ(profile[Attribute::state], "Viken");
    EXPECT_EQ(profile[Attribute::postal_code], "0150");
    EXPECT_EQ(profile[Attribute::country], "Norway");
    EXPECT_EQ(ana.plans.has_value(), GetParam().has_licences);
    if (ana.plans) {
      EXPECT_THAT(*ana.plans, testing::IsSupersetOf({dataverse, dataverse_in_e3}));
      EXPECT_TRUE(std::ranges::is_sorted(*ana.plans));
    }
    EXPECT_THAT(pulled.all.rejected, IsEmpty());
  }
}

INSTANTIATE_TEST_SUITE_P(Exports, CsvExportTest,
                         ::testing::Values(ExportCase{"new", new_header, new_row},
                                           ExportCase{"old", old_header, old_row},
                                           ExportCase{"entra", entra_header, entra_row, false}),
                         [](const auto& test) { return std::string(test.param.name); });

const std::string header = "User principal name,Object Id,Block credential,Licenses,Title,Soft deletion time stamp\n";
std::string row(std::string_view id, std::string_view rest = "False,Unlicensed,,") {
  return "a@b," + std::string(id) + "," + std::string(rest) + "\n";
}

class CsvFileTest : public FileTest {
 protected:
  Pulled pull_rows(const std::string& rows) { return pull("users.csv", header + rows); }
};

struct StateCase {
  std::string_view cell;
  std::optional<bool> enabled;
};

class CsvStateTest : public CsvFileTest, public ::testing::WithParamInterface<StateCase> {};

TEST_P(CsvStateTest, ReadsTheAccountState) {
  const Pulled pulled = pull_rows(row(ana_id, std::string(GetParam().cell) + ",Unlicensed,,"));
  EXPECT_EQ(pulled.user(ana_id).account_enabled, GetParam().enabled) << GetParam().cell;
}

INSTANTIATE_TEST_SUITE_P(Cells, CsvStateTest,
                         ::testing::Values(StateCase{"True", false}, StateCase{"False", true}, StateCase{"TRUE", false},
                                           StateCase{" false ", true}, StateCase{"WAHR", false},
                                           StateCase{"FALSCH", true}, StateCase{"", std::nullopt}));

TEST_F(CsvFileTest, QuotesMayHoldDelimitersQuotesAndLineBreaks) {
  const Pulled pulled =
      pull_rows(row(ana_id, "False,Unlicensed,\"Head, \"\"North\"\"\r\nand South\",") + row(bo_id) + "x\n");
  EXPECT_EQ(pulled.user(ana_id).profile[Attribute::job_title], "Head, \"North\"\r\nand South");
  ASSERT_THAT(pulled.all.rejected, SizeIs(1));
  EXPECT_EQ(pulled.all.rejected[0].where, "users.csv:5");
}

TEST_F(CsvFileTest, ReadsSoftDeletes) {
  const Pulled pulled = pull_rows(row(ana_id, "False,Unlicensed,,2022-03-18 19:49:35Z") +
                                  row(bo_id, "False,,,18.03.2022") + row("33333333-3333-4333-8333-333333333333"));
  EXPECT_EQ(pulled.user(ana_id).lifecycle, core::Lifecycle::soft_deleted);
  EXPECT_EQ(pulled.user(ana_id).deleted_at.value().time_since_epoch(), std::chrono::seconds(1'647'632'975));
  EXPECT_EQ(pulled.user(bo_id).lifecycle, core::Lifecycle::soft_deleted);
  EXPECT_EQ(pulled.user(bo_id).deleted_at.value(), std::chrono::sys_days(std::chrono::March / 18 / 2022));
}

TEST_F(CsvFileTest, AnInvitedUserIsAGuest) {
  const Pulled pulled = pull_rows("bo_fabrikam.example#EXT#@contoso.example," + std::string(bo_id) + ",False,,,\n");
  EXPECT_EQ(pulled.user(bo_id).guest, true);
}

TEST_F(CsvFileTest, ABadValueIsADefect) {
  const Pulled pulled = pull_rows(row(ana_id, "True,Unlicensed,G\xe9rant,"));
  EXPECT_EQ(pulled.user(ana_id).defect, "jobTitle holds invalid UTF-8");
  EXPECT_EQ(pulled.user(ana_id).account_enabled, false);
}

TEST_F(CsvFileTest, ADeltaStatesItsColumnsAndNothingElse) {
  configured_.mode = config::FileMode::delta;
  const Pulled pulled = pull_rows(row(ana_id));
  EXPECT_FALSE(pulled.user(ana_id).whole);
  EXPECT_EQ(pulled.user(ana_id).stated.count(), 2U);
}

struct RejectCase {
  std::string_view name;
  std::string row;
  std::string_view reason;
  std::string_view detail;
  std::string_view object_id;
};

class CsvRejectTest : public CsvFileTest, public ::testing::WithParamInterface<RejectCase> {};

TEST_P(CsvRejectTest, RejectsOneRowAndReadsOn) {
  const Pulled pulled = pull_rows(row(bo_id) + GetParam().row + row("33333333-3333-4333-8333-333333333333"));
  EXPECT_THAT(pulled.all.identities, SizeIs(2));
  ASSERT_THAT(pulled.all.rejected, SizeIs(1));
  EXPECT_EQ(pulled.all.rejected[0].where, "users.csv:3");
  EXPECT_EQ(pulled.all.rejected[0].reason, GetParam().reason);
  EXPECT_THAT(pulled.all.rejected[0].detail, HasSubstr(GetParam().detail));
  EXPECT_EQ(pulled.all.rejected[0].object_id,
            GetParam().object_id.empty() ? std::nullopt : std::optional(guid(GetParam().object_id)));
  EXPECT_EQ(pulled.end.records, 3U);
}

INSTANTIATE_TEST_SUITE_P(
    Rows, CsvRejectTest,
    ::testing::Values(
        RejectCase{"too few columns", row(ana_id, "False"), "malformed", "3 columns, the header 6", ana_id},
        RejectCase{"too many columns", row(ana_id, "False,,,,,"), "malformed", "8 columns", ana_id},
        RejectCase{"two ids in a short row", row(ana_id, bo_id), "malformed", "3 columns", ""},
        RejectCase{"a row that swallowed others", "a,\"b\nc," + std::string(ana_id) + "\",False\n", "malformed",
                   "3 columns", ""},
        RejectCase{"text behind quotes", row(ana_id, "\"False\"x,,,"), "malformed", "behind a closing quote", ana_id},
        RejectCase{"no id", row(""), "missing_object_id", "no object id", ""},
        RejectCase{"id is no GUID", row("7"), "invalid_object_id", "not a GUID", ""},
        RejectCase{"strange state", row(ana_id, "maybe,,,"), "malformed", "neither True nor False", ana_id},
        RejectCase{"endless row", row(ana_id, "False,," + std::string(2U << 20U, 'x') + ","), "malformed",
                   "longer than 1 MiB", ana_id}));

TEST_F(CsvFileTest, AFileThatEndsWithinAnUnquotedCellProvesNobodyAbsent) {
  const std::string cut = "a@b," + std::string(ana_id) + ",False,Unlicensed,Boss,\"\"";
  for (const std::string& content : {header + row(bo_id) + cut, header + row(bo_id) + cut + "\r\n"}) {
    EXPECT_EQ(pull("users.csv", content).end.users, Completeness::complete) << content;
  }
  const Pulled pulled = pull_rows(row(bo_id) + "a@b," + std::string(ana_id) + ",False,Unlicensed,Boss,");
  EXPECT_EQ(pulled.user(ana_id).profile[Attribute::job_title], "Boss") << "the row may well be whole";
  EXPECT_EQ(pulled.end.users, Completeness::changes);
  ASSERT_THAT(pulled.end.warnings, SizeIs(1));
  EXPECT_THAT(pulled.end.warnings[0], HasSubstr("users.csv:3: the file ends without a line break"));
}

TEST_F(CsvFileTest, ALicenceCellThatMayBeCutTakesNoLicenceAway) {
  full_plans_ = {dataverse};
  const std::string columns = "User principal name,Object Id,Block credential,Licenses\n";
  const auto plans_of = [&](const std::string& licences) {
    return pull("users.csv", columns + "a@b," + std::string(ana_id) + ",False," + licences).user(ana_id).plans;
  };
  EXPECT_EQ(plans_of("Office 365 E3"), std::nullopt);
  EXPECT_THAT(plans_of("Power Apps Premium").value(), testing::Contains(dataverse));
  EXPECT_THAT(plans_of("Office 365 E3\n").value(), testing::Contains(dataverse_in_e3));
}

TEST_F(CsvFileTest, HasNoGroupsAndNoRoles) {
  request_.groups = {std::string(group_id), "CN=Sales,DC=contoso,DC=example"};
  const Pulled pulled = pull_rows(row(ana_id));
  ASSERT_THAT(pulled.end.groups, SizeIs(2));
  for (const GroupCompleteness& group : pulled.end.groups) {
    EXPECT_EQ(group.members, Completeness::unreadable);
    EXPECT_EQ(group.owners, Completeness::unreadable);
    EXPECT_THAT(group.detail, HasSubstr("has no groups"));
  }
  EXPECT_EQ(pulled.end.groups[1].name, "CN=Sales,DC=contoso,DC=example");
  EXPECT_THAT(pulled.end.roles, Each(Completeness::not_carried));
  EXPECT_FALSE(pulled.end.nested_groups_read);
}

TEST_F(CsvFileTest, AnUnknownProductLeavesThePlansOpenUnlessAnotherOneIsEnough) {
  full_plans_ = {dataverse};
  const Pulled pulled = pull_rows(row(ana_id, "False,Contoso Suite+Visio Plan 2,Boss,") +
                                  row(bo_id, "False,Contoso Suite+power apps PREMIUM+Zeta,,"));
  const IdentityRecord& ana = pulled.user(ana_id);
  EXPECT_EQ(ana.plans, std::nullopt);
  EXPECT_FALSE(ana.whole) << "a whole record that states no plans has none";
  EXPECT_TRUE(ana.stated.all()) << "of everything else the row is all there is";
  EXPECT_EQ(ana.profile[Attribute::job_title], "Boss");
  EXPECT_THAT(pulled.user(bo_id).plans.value(), testing::Contains(dataverse));
  EXPECT_TRUE(pulled.user(bo_id).whole);
  ASSERT_THAT(pulled.end.warnings, SizeIs(1));
  EXPECT_THAT(pulled.end.warnings[0], HasSubstr(": Contoso Suite; Zeta."));
}

// --- products -------------------------------------------------------------------------------------------------------

TEST(LicenceCell, APlusWithinAProductsNameJoinsNothing) {
  LicenceCell cell({});
  EXPECT_THAT(cell.read("Enterprise Mobility + Security E5+Office 365 E3").plans, testing::Contains(dataverse_in_e3));
  EXPECT_THAT(cell.read("").plans, IsEmpty());
  EXPECT_THAT(cell.read("Unlicensed").plans, IsEmpty());
  std::vector<std::string> warnings;
  cell.warn(warnings);
  EXPECT_THAT(warnings, IsEmpty());
}

TEST(ProductPlans, EveryProductOfTheTableHasKnownPlans) {
  for (const auto product : config::products_with_plans()) {
    const auto plans = config::plans_of_product(product);
    ASSERT_TRUE(plans.has_value()) << product;
    EXPECT_FALSE(plans->empty()) << product;
  }
}

struct ProductCase {
  std::string_view name;
  std::string_view plan;
};

TEST(ProductPlans, NamesThatMatterMost) {
  for (const ProductCase& expected :
       {ProductCase{"Microsoft 365 E3", "4ff01e01-1ba7-4d71-8cf8-ce96c3bbcf14"},
        ProductCase{"Microsoft 365 E5", "28b0fa46-c39a-4188-89e2-58e979a6b014"},
        ProductCase{"Microsoft 365 F3", "ca6e61ec-d4f4-41eb-8b88-d96e0e14323f"},
        ProductCase{"Office 365 E1", "40b010bb-0b69-4654-ac5e-ba161433f4b4"},
        ProductCase{"Microsoft 365 Business Basic", "40b010bb-0b69-4654-ac5e-ba161433f4b4"},
        ProductCase{"Microsoft 365 Business Standard", "4ff01e01-1ba7-4d71-8cf8-ce96c3bbcf14"},
        ProductCase{"Dynamics 365 Sales Enterprise Edition", "2da8e897-7791-486b-b08f-cc63c8129df7"},
        ProductCase{"Dynamics 365 Sales Professional", "88d83950-ff78-4e85-aa66-abfc787f8090"},
        ProductCase{"Dynamics 365 Customer Service Enterprise", "99340b49-fb81-4b1e-976b-8f2ae8e9394f"},
        ProductCase{"Dynamics 365 Team Members", "4092fdb5-8d81-41d3-be76-aaba4074530b"},
        ProductCase{"Power Apps per app plan", "9f2f00ad-21ae-4ceb-994b-d8bc7be90999"},
        ProductCase{"Microsoft Power Automate Free", "17ab22cd-a0b3-4536-910a-cb6eb12696c0"}}) {
    const auto plans = config::plans_of_product(expected.name);
    ASSERT_TRUE(plans.has_value()) << expected.name;
    EXPECT_THAT(*plans, testing::Contains(guid(expected.plan))) << expected.name;
  }
  EXPECT_THAT(config::plans_of_product("exchange online (plan 1)").value(), IsEmpty());
  EXPECT_EQ(config::plans_of_product("Contoso Suite"), std::nullopt);
}

}  // namespace
}  // namespace dvsync::source::file
