// Every fact left out, one at a time, in every format: what a source does not say is unknown (docs/rules.md D7), never
// a "no", and never a "yes".

#include <gmock/gmock.h>

#include <string>

#include "unit/source/file_fixture.hpp"

namespace dvsync::source::file {
namespace {

using core::Attribute;
using ::testing::SizeIs;

const std::vector<std::pair<std::string, Attribute>> windows_profile{
    {"userPrincipalName: ana@x", Attribute::user_principal_name},
    {"givenName: Ana", Attribute::given_name},
    {"sn: Li", Attribute::surname},
    {"displayName: Ana Li", Attribute::display_name},
    {"mail: mail@x", Attribute::mail},
    {"title: Boss", Attribute::job_title},
    {"telephoneNumber: +47 22", Attribute::business_phone},
    {"mobile: +47 9", Attribute::mobile_phone},
    {"homePhone: +47 5", Attribute::home_phone},
    {"facsimileTelephoneNumber: +47 23", Attribute::fax_number},
    {"streetAddress: Storgata 1", Attribute::street_address},
    {"l: Oslo", Attribute::city},
    {"st: Viken", Attribute::state},
    {"postalCode: 0150", Attribute::postal_code},
    {"co: Norway", Attribute::country}};

std::string without(const std::vector<std::string>& lines, std::size_t left_out) {
  std::string entry;
  for (std::size_t i = 0; i < lines.size(); ++i) {
    if (i != left_out) entry += lines[i] + "\n";
  }
  return entry + "\n";
}

struct Expectation {
  std::optional<bool> enabled;
  bool expiry_stated = true;
};

void expect(const IdentityRecord& record, const Expectation& expected, std::optional<Attribute> missing) {
  EXPECT_EQ(record.account_enabled, expected.enabled);
  EXPECT_EQ(record.expiry_stated, expected.expiry_stated);
  EXPECT_EQ(record.guest, false);
  for (std::size_t i = 0; i < core::attribute_count; ++i) {
    EXPECT_EQ(record.profile.values[i].has_value(), missing != static_cast<Attribute>(i))
        << core::name_of(static_cast<Attribute>(i));
  }
}

class MissingFactsTest : public FileTest {};

// A user of Active Directory, enabled or disabled, and one line of the entry less at a time.
TEST_F(MissingFactsTest, OfAnActiveDirectoryEntry) {
  for (const bool enabled : {true, false}) {
    std::vector<std::string> lines{"dn: CN=Ana,DC=x",
                                   "objectClass: user",
                                   "objectGUID:: EREREREREUGBEREREREREQ==",
                                   "userAccountControl: " + std::string(enabled ? "512" : "514"),
                                   "accountExpires: 133485408000000000",
                                   "sAMAccountName: ana"};
    const std::size_t facts = lines.size();
    for (const auto& [line, attribute] : windows_profile) lines.push_back(line);
    for (std::size_t i = 1; i <= lines.size(); ++i) {
      SCOPED_TRACE(i < lines.size() ? lines[i] : "everything is there");
      // Somebody whole is there, too, so that the listing is one.
      const Pulled pulled = pull("a.ldif", without(lines, i) +
                                               "dn: CN=Bo\nobjectClass: user\nuserAccountControl: "
                                               "512\nobjectGUID:: IiIiIiIiIkKCIiIiIiIiIg==\n\n");
      if (i == 1 || i == 2) {  // without a class or an id: nobody knows what or who it is
        EXPECT_THAT(pulled.all.rejected, SizeIs(1));
        EXPECT_THAT(pulled.all.identities, SizeIs(1));
        continue;
      }
      Expectation expected{.enabled = enabled, .expiry_stated = i != 4};
      if (i == 3) expected.enabled.reset();
      const bool profile = i >= facts && i < lines.size();
      expect(pulled.user(ana_id), expected, profile ? std::optional(windows_profile[i - facts].second) : std::nullopt);
      EXPECT_EQ(pulled.user(ana_id).account_expires.has_value(), i != 4);
    }
  }
}

// Elsewhere only a lock is stated, so its absence means that the account is enabled; and several attributes may hold a
// fact, so that the next one counts.
TEST_F(MissingFactsTest, OfAnOpenLdapEntry) {
  for (const std::string lock : {"nsAccountLock: true", "loginDisabled: TRUE", "pwdAccountLockedTime: 000001010000Z"}) {
    std::vector<std::string> lines{
        "dn: uid=ana,dc=x", "objectClass: inetOrgPerson", "entryUUID: " + std::string(ana_id), lock, "uid: ana",
        "cn: Ana Li"};
    const std::size_t facts = lines.size();
    for (const auto& [line, attribute] : windows_profile) {
      if (!line.starts_with("userPrincipalName") && !line.starts_with("displayName")) lines.push_back(line);
    }
    for (std::size_t i = 3; i <= lines.size(); ++i) {
      SCOPED_TRACE(i < lines.size() ? lines[i] : "everything is there");
      const IdentityRecord ana = pull("a.ldif", without(lines, i)).user(ana_id);
      EXPECT_EQ(ana.account_enabled, i == 3);
      EXPECT_TRUE(ana.expiry_stated);
      EXPECT_EQ(ana.profile[Attribute::display_name].has_value(), i != 5);
      EXPECT_TRUE(ana.profile[Attribute::user_principal_name].has_value()) << "mail, or uid";
      if (i < facts) continue;
      const auto stated = static_cast<std::size_t>(
          std::ranges::count_if(ana.profile.values, [](const core::Text& value) { return value.has_value(); }));
      EXPECT_EQ(stated, core::attribute_count - (i < lines.size() ? 1 : 0));
    }
  }
  const std::string odd = "dn: uid=ana\nobjectClass: person\nentryUUID: " + std::string(ana_id) + "\n";
  EXPECT_EQ(pull("a.ldif", odd + "nsAccountLock: perhaps\n\n").user(ana_id).account_enabled, std::nullopt);
}

// A column less, and an empty cell: the columns a user cannot do without are demanded, the others are unknown.
TEST_F(MissingFactsTest, OfACsvExport) {
  const std::vector<std::pair<std::string, std::string>> cells{{"User principal name", "ana@x"},
                                                               {"Object Id", std::string(ana_id)},
                                                               {"Block credential", "True"},
                                                               {"Licenses", "Power Apps Premium"},
                                                               {"User type", "Guest"},
                                                               {"First name", "Ana"},
                                                               {"Mail", "ana@x"}};
  const auto file = [&](std::size_t missing, bool column_too) {
    std::string header;
    std::string row;
    for (std::size_t i = 0; i < cells.size(); ++i) {
      if (i == missing && column_too) continue;
      const std::string comma = header.empty() ? "" : ",";
      header += comma + cells[i].first;
      row += comma + (i == missing ? "" : cells[i].second);
    }
    std::string other = row;  // somebody else, who is whole
    const std::size_t id = other.find(ana_id);
    if (id != std::string::npos) other.replace(id, ana_id.size(), bo_id);
    return header + "\n" + row + "\n" +
           (id == std::string::npos ? "bo@x," + std::string(bo_id) + ",True,,,,\n" : other + "\n");
  };
  for (std::size_t i = 0; i < 3; ++i) {
    EXPECT_THAT(failure("a.csv", file(i, true)), testing::HasSubstr("is missing")) << cells[i].first;
  }
  EXPECT_EQ(pull("a.csv", file(2, false)).user(ana_id).account_enabled, std::nullopt);
  EXPECT_EQ(pull("a.csv", file(1, false)).all.rejected.at(0).reason, "missing_object_id");
  EXPECT_EQ(pull("a.csv", file(0, false)).user(ana_id).profile[Attribute::user_principal_name], std::nullopt);
  EXPECT_EQ(pull("a.csv", file(3, true)).user(ana_id).plans, std::nullopt) << "no column says nothing about licences";
  EXPECT_THAT(pull("a.csv", file(3, false)).user(ana_id).plans.value(), testing::IsEmpty()) << "an empty cell does";
  for (const bool column_too : {true, false}) {
    EXPECT_EQ(pull("a.csv", file(4, column_too)).user(ana_id).guest, false) << "decided by the user name";
  }
  EXPECT_TRUE(pull("a.csv", file(cells.size(), false)).user(ana_id).guest.value());
}

}  // namespace
}  // namespace dvsync::source::file
