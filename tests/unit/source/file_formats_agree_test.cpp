// One small tenant, written in three formats, is one small tenant.

#include <gmock/gmock.h>

#include <algorithm>
#include <string>

#include "unit/source/file_record_text.hpp"

namespace dvsync::source::file {
namespace {

using core::Attribute;

constexpr std::string_view graph =
    R"({"@odata.type":"#microsoft.graph.user","id":"11111111-1111-4111-8111-111111111111","userPrincipalName":"ana@contoso.example","givenName":"Ana","surname":"Lï","displayName":"Ana Lï","mail":"ana@contoso.example","jobTitle":"Head, \"North\"","businessPhones":["+47 22"],"mobilePhone":"+47 9","faxNumber":null,"streetAddress":"Storgata 1","city":"Oslo","state":"Viken","postalCode":"0150","country":"Norway","accountEnabled":true,"userType":"Member","assignedPlans":[{"servicePlanId":"6ea4c1ef-c259-46df-bce2-943342cd3cb2","capabilityStatus":"Enabled"},{"servicePlanId":"dc789ed8-0170-4b65-a415-eb77d5bb350a","capabilityStatus":"Enabled"},{"servicePlanId":"ea2cf03b-ac60-46ae-9c1d-eeaeb63cec86","capabilityStatus":"Enabled"}]})"
    "\n"
    R"({"@odata.type":"#microsoft.graph.user","id":"22222222-2222-4222-8222-222222222222","userPrincipalName":"bo@contoso.example","givenName":"Bo","surname":null,"displayName":"Bo","mail":"bo@contoso.example","jobTitle":null,"businessPhones":[],"mobilePhone":null,"faxNumber":null,"streetAddress":null,"city":null,"state":null,"postalCode":null,"country":null,"accountEnabled":false,"userType":"Member","assignedPlans":[]})"
    "\n"
    R"({"@odata.type":"#microsoft.graph.group","id":"3f6b2c1e-0000-4000-8000-000000000001","members@delta":[{"@odata.type":"#microsoft.graph.user","id":"11111111-1111-4111-8111-111111111111"}],"owners@delta":[{"@odata.type":"#microsoft.graph.user","id":"22222222-2222-4222-8222-222222222222"}]})"
    "\n"
    R"({"@odata.type":"#microsoft.graph.directoryRole","roleTemplateId":"62e90394-69f5-4237-9190-012177145e10","members@delta":[{"@odata.type":"#microsoft.graph.user","id":"22222222-2222-4222-8222-222222222222"}]})"
    "\n";

constexpr std::string_view csv =
    "User principal name,Object Id,Display name,First name,Last name,Title,Phone number,Mobile Phone,Fax,Street "
    "address,City,"
    "StateOrProvince,Postal code,CountryOrRegion,Block credential,Licenses,Proxy addresses\n"
    "ana@contoso.example,11111111-1111-4111-8111-111111111111,Ana Lï,Ana,Lï,\"Head, \"\"North\"\"\",+47 22,+47 "
    "9,,Storgata 1,Oslo,"
    "Viken,0150,Norway,False,Power Apps Premium,SMTP:ana@contoso.example\n"
    "bo@contoso.example,22222222-2222-4222-8222-222222222222,Bo,Bo,,,,,,,,,,,True,Unlicensed,SMTP:bo@contoso.example\n";

constexpr std::string_view ldif =
    "dn: CN=Ana,DC=contoso,DC=example\nobjectClass: user\nobjectGUID:: EREREREREUGBEREREREREQ==\n"
    "userPrincipalName: ana@contoso.example\ngivenName: Ana\nsn:: TMOv\ndisplayName:: QW5hIEzDrw==\nmail: "
    "ana@contoso.example\n"
    "title: Head, \"North\"\ntelephoneNumber: +47 22\nmobile: +47 9\nstreetAddress: Storgata 1\nl: Oslo\nst: Viken\n"
    "postalCode: 0150\nco: Norway\nuserAccountControl: 512\n\n"
    "dn: CN=Bo,DC=contoso,DC=example\nobjectClass: user\nobjectGUID:: IiIiIiIiIkKCIiIiIiIiIg==\n"
    "userPrincipalName: bo@contoso.example\ngivenName: Bo\ndisplayName: Bo\nmail: bo@contoso.example\n"
    "userAccountControl: 514\n\n"
    "dn: CN=Sales,DC=contoso,DC=example\nobjectClass: group\nobjectGUID:: HixrPwAAAECAAAAAAAAAAQ==\n"
    "member: CN=Ana,DC=contoso,DC=example\nmanagedBy: CN=Bo,DC=contoso,DC=example\n\n"
    "dn: CN=Admins,DC=contoso,DC=example\nobjectClass: group\nmember: CN=Bo,DC=contoso,DC=example\n\n";

class FormatsAgreeTest : public FileTest {
 protected:
  FormatsAgreeTest() {
    request_.groups = {std::string(group_id)};
    configured_.ldap.admin_groups = {{"global", "CN=Admins,DC=contoso,DC=example"}};
  }

  // References by DN as the store will resolve them.
  static void resolve(Pulled& pulled) {
    const auto resolve_one = [&](MemberRef& member) {
      for (const IdentityRecord& record : pulled.all.identities) {
        if (member.kind == MemberRef::Kind::distinguished_name && record.distinguished_name == member.name) {
          member = {.kind = MemberRef::Kind::object_id, .object_id = record.object_id, .name = {}};
        }
      }
    };
    for (MembershipRecord& record : pulled.all.memberships) resolve_one(record.member);
    for (RoleRecord& record : pulled.all.roles) resolve_one(record.member);
  }

  // What this format does not carry is taken out of the other.
  static std::vector<std::string> users(Pulled pulled, bool with_plans, bool with_guests) {
    std::vector<std::string> lines;
    for (IdentityRecord& record : pulled.all.identities) {
      if (!with_plans) record.plans.reset();
      if (!with_guests) record.guest.reset();
      record.agent.reset();  // Graph alone has agent users
      record.stated.reset();
      record.distinguished_name.reset();
      record.login.reset();
      lines.push_back(to_text(record));
    }
    return lines;
  }

  static std::vector<std::string> links(const Pulled& pulled) {
    std::vector<std::string> lines;
    for (const auto& record : pulled.all.memberships) lines.push_back(to_text(record));
    for (const auto& record : pulled.all.roles) lines.push_back(to_text(record));
    return lines;
  }
};

TEST_F(FormatsAgreeTest, AsFarAsEachCarriesTheFacts) {
  const Pulled from_graph = pull("tenant.jsonl", graph);
  const Pulled from_csv = pull("tenant.csv", csv);
  Pulled from_ldif = pull("tenant.ldif", ldif);
  resolve(from_ldif);
  ASSERT_EQ(from_graph.all.identities.size(), 2U);
  EXPECT_EQ(users(from_csv, true, true), users(from_graph, true, true));
  EXPECT_EQ(users(from_ldif, false, false), users(from_graph, false, false));
  EXPECT_EQ(links(from_ldif), links(from_graph));
  EXPECT_EQ(links(from_graph).size(), 3U);
}

TEST_F(FormatsAgreeTest, TheFormatIsFoundWithoutTheName) {
  for (const std::string_view content : {graph, csv, ldif}) {
    EXPECT_EQ(pull("export", content).all.identities.size(), 2U);
  }
}

}  // namespace
}  // namespace dvsync::source::file
