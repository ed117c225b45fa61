// What exporting programs write where they have no value, or spoil it.

#include "source/exported_text.hpp"

#include <gmock/gmock.h>

#include "source/unstated.hpp"

namespace dvsync::source {
namespace {

using core::Attribute;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

TEST(ExportedText, KnowsWhatToolsWriteInPlaceOfAnyValue) {
  for (const std::string_view artefact : {"System.String[]",
                                          "System.Object[]",
                                          "System.Collections.Generic.List`1[System.String]",
                                          "System.Collections.Hashtable",
                                          "System.Byte[]",
                                          "System.Nullable`1[System.DateTime]",
                                          "System.Security.SecureString",
                                          "Microsoft.Graph.PowerShell.Models.MicrosoftGraphAssignedPlan",
                                          "Microsoft.Graph.User",
                                          "Microsoft.ActiveDirectory.Management.ADPropertyValueCollection",
                                          "Deserialized.System.Collections.ArrayList",
                                          "@{ServicePlanId=1; CapabilityStatus=Enabled}",
                                          "{+47 22, +47 23}",
                                          "{}",
                                          "#N/A",
                                          "#REF!",
                                          "#VALUE!",
                                          "#NAME?",
                                          "#DIV/0!",
                                          "#NV",
                                          "#BEZUG!",
                                          "#N/D",
                                          "#\u00a1REF!",
                                          "########",
                                          "NULL",
                                          "null",
                                          "(null)",
                                          "<NULL>",
                                          "undefined",
                                          "NaN",
                                          "\\N",
                                          "[object Object]",
                                          "  System.String[] "}) {
    EXPECT_TRUE(is_artefact(artefact)) << artefact;
    EXPECT_TRUE(is_artefact(Attribute::job_title, artefact)) << artefact;
  }
}

TEST(ExportedText, LeavesValuesOfPeopleAlone) {
  for (const std::string_view value : {"",
                                       "Null",
                                       "None",
                                       "Nan",
                                       "N/A",
                                       "#",
                                       "#1",
                                       "Head of #N/A",
                                       "System Administrator",
                                       "Systems.Engineer",
                                       "System.Administrator",
                                       "Microsoft",
                                       "Microsoft 365 Admin",
                                       "Microsoft.NET Developer",
                                       "Undefined",
                                       "Marie",
                                       "May",
                                       "March 5",
                                       "1E5",
                                       "Ana Li",
                                       "18.03.2022"}) {
    EXPECT_FALSE(is_artefact(value)) << value;
    EXPECT_FALSE(is_artefact(Attribute::job_title, value)) << value;
  }
  for (const std::string_view number :
       {"+47 22 33 44 55", "22334455", "(02) 1234", "01.23.45.67.89", "555-1234", "1-800-555-0199", "12-34-56", "0150",
        "SW1E 5JL", "12345-6789", "1200-123", "2022", "22.33.4455", "0041 44 123 45 67", "ext. 22"}) {
    EXPECT_FALSE(is_artefact(Attribute::business_phone, number)) << number;
    EXPECT_FALSE(is_artefact(Attribute::postal_code, number)) << number;
  }
}

TEST(ExportedText, KnowsNumbersThatASpreadsheetSpoilt) {
  for (const std::string_view number : {"4.79123E+11", "4,79123E+11", "4E+10", "-1.5e10", "4.79E11"}) {
    EXPECT_TRUE(is_artefact(Attribute::mobile_phone, number)) << number;
    EXPECT_FALSE(is_artefact(Attribute::postal_code, number)) << number;
  }
  for (const std::string_view date :
       {"2022-03-18", "2022-03-18 00:00:00", "2022-03-18T00:00:00", "18.03.2022", "3/18/2022", "1/5/2022 12:00:00 AM",
        "5-Jan", "05. Mai", "Jan-22", "5-M\u00e4r-2022", "12. Okt"}) {
    EXPECT_TRUE(is_artefact(Attribute::business_phone, date)) << date;
    EXPECT_TRUE(is_artefact(Attribute::postal_code, date)) << date;
    EXPECT_FALSE(is_artefact(Attribute::street_address, date)) << date;
  }
}

TEST(ExportedText, AnArtefactLeavesTheFactAloneAndIsCountedOnce) {
  ExportedText texts;
  IdentityRecord record;
  texts.set(record, Attribute::job_title, "Boss");
  EXPECT_TRUE(record.whole);
  texts.set(record, Attribute::business_phone, "System.String[]");
  texts.set(record, Attribute::mail, "NULL");
  texts.set(record, Attribute::city, "");
  EXPECT_FALSE(record.whole) << "a whole record would clear what it does not state";
  EXPECT_EQ(record.stated.count(), core::attribute_count - 2);
  EXPECT_FALSE(record.stated.test(static_cast<std::size_t>(Attribute::mail)));
  EXPECT_EQ(record.profile[Attribute::job_title], "Boss");
  std::vector<std::string> warnings;
  texts.warn(warnings);
  ASSERT_EQ(warnings.size(), 1U);
  EXPECT_THAT(warnings.front(), HasSubstr("2 texts"));
  EXPECT_THAT(warnings.front(), HasSubstr("businessPhones, mail"));
  EXPECT_THAT(warnings.front(), testing::Not(HasSubstr("System.String"))) << "values of rows are never told";
}

TEST(ExportedText, NothingIsSaidWhereNothingWasSpoilt) {
  ExportedText texts;
  IdentityRecord record;
  texts.set(record, Attribute::job_title, "Boss");
  EXPECT_FALSE(texts.spoils("Licenses", "Office 365 E3"));
  std::vector<std::string> warnings;
  texts.warn(warnings);
  EXPECT_THAT(warnings, IsEmpty());
}

// ---- facts that nobody states --------------------------------------------------------------------------------------

IdentityRecord named(std::string_view user_name, bool whole = true) {
  IdentityRecord record;
  record.whole = whole;
  record.profile[Attribute::user_principal_name] = std::string(user_name);
  infer_guest(record);
  return record;
}

TEST(Unstated, TheUserNameDecidesWhoIsAGuestWhereNobodySaysIt) {
  EXPECT_EQ(named("bo_fabrikam.example#EXT#@contoso.example").guest, true);
  EXPECT_EQ(named("bo_fabrikam.example#ext#@contoso.example").guest, true);
  EXPECT_EQ(named("ana@contoso.example").guest, false);
  EXPECT_EQ(named("ana@contoso.example", false).guest, std::nullopt) << "a delta that does not say it changes nothing";
  EXPECT_EQ(named("bo_x#EXT#@contoso.example", false).guest, true);
  IdentityRecord stated;
  stated.guest = false;
  stated.profile[Attribute::user_principal_name] = "bo_x#EXT#@contoso.example";
  infer_guest(stated);
  EXPECT_EQ(stated.guest, false) << "what is stated counts";
}

}  // namespace
}  // namespace dvsync::source
