#include "tenant_format.hpp"

#include <array>
#include <string_view>

namespace dvsync::bench {
namespace {

constexpr std::array<std::string_view, 3> full_plans{"6ea4c1ef-c259-46df-bce2-943342cd3cb2",   // DYN365_CDS_P2
                                                     "dc789ed8-0170-4b65-a415-eb77d5bb350a",   // Flow_PowerApps_PerUser
                                                     "ea2cf03b-ac60-46ae-9c1d-eeaeb63cec86"};  // POWERAPPS_PER_USER
constexpr std::array<std::string_view, 3> free_plans{"4ff01e01-1ba7-4d71-8cf8-ce96c3bbcf14",   // DYN365_CDS_O365_P2
                                                     "95b76021-6a53-4741-ab8b-1d1f3d66a95a",   // CDS_O365_P2
                                                     "c68f8d98-5534-41c8-bf36-22fa496fa792"};  // POWERAPPS_O365_P2

class GraphJsonl final : public TenantFormat {
 public:
  void begin(std::string&) override {}

  void user(const TenantUser& user, std::string& out) override {
    open("user", user.id, out);
    text("userPrincipalName", user.user_name, out);
    text("givenName", user.given_name, out);
    text("surname", user.surname, out);
    text("displayName", user.display_name, out);
    out += user.enabled ? R"(,"accountEnabled":true)" : R"(,"accountEnabled":false)";
    text("userType", user.guest ? "Guest" : "Member", out);
    text("mail", user.user_name, out);
    text("jobTitle", user.job_title, out);
    out += R"(,"businessPhones":[")" + user.business_phone + "\"]";
    text("mobilePhone", user.mobile_phone, out);
    text("streetAddress", user.street, out);
    text("city", user.city, out);
    if (!user.state.empty()) text("state", user.state, out);
    text("postalCode", user.postal_code, out);
    text("country", user.country, out);
    plans(user.plans, out);
    out += ",\"deletedDateTime\":null}\n";
  }

  bool changed_user(const TenantUser& user, std::string& out) override {
    open("user", user.id, out);
    text("jobTitle", user.job_title, out);
    text("streetAddress", user.street, out);
    out += "}\n";
    return true;
  }

  void begin_group(std::uint64_t group, std::string& out) override {
    open("group", Tenant::group_id(group), out);
    begin_members(out);
  }
  void member(const TenantUser& user, std::string& out) override {
    if (!first_) out += ',';
    first_ = false;
    out += R"({"@odata.type":"#microsoft.graph.user","id":")" + user.id + "\"}";
  }
  void end_group(std::string& out) override { out += "]}\n"; }

  void begin_role(unsigned role, std::string& out) override {
    constexpr std::array<std::string_view, 3> templates{"62e90394-69f5-4237-9190-012177145e10",
                                                        "11648597-926c-4cf3-9c36-bcebb0ba8dcc",
                                                        "44367163-eba1-44c3-98af-f5787879f96a"};
    out += R"({"@odata.type":"#microsoft.graph.directoryRole")";
    text("roleTemplateId", templates.at(role), out);
    begin_members(out);
  }
  void end_role(std::string& out) override { out += "]}\n"; }

 private:
  static void open(std::string_view type, std::string_view id, std::string& out) {
    out.append(R"({"@odata.type":"#microsoft.graph.)").append(type).append("\"");
    text("id", id, out);
  }

  static void text(std::string_view name, std::string_view value, std::string& out) {
    out.append(",\"").append(name).append("\":\"");
    for (const char c : value) {
      if (c == '"' || c == '\\') out += '\\';
      out += c;
    }
    out += '"';
  }

  static void plans(Plans plans, std::string& out) {
    out += R"(,"assignedPlans":[)";
    if (plans != Plans::none) {
      bool first = true;
      for (const std::string_view plan : plans == Plans::full ? full_plans : free_plans) {
        out.append(first ? "" : ",").append(R"({"servicePlanId":")").append(plan);
        out += R"(","capabilityStatus":"Enabled"})";
        first = false;
      }
    }
    out += ']';
  }

  void begin_members(std::string& out) {
    out += R"(,"members@delta":[)";
    first_ = true;
  }

  bool first_ = true;
};

class M365Csv final : public TenantFormat {
 public:
  void begin(std::string& out) override {
    out +=
        "\xef\xbb\xbf"
        "Display name,User principal name,Object Id,First name,Last name,Soft deletion time stamp,Title,City,"
        "CountryOrRegion,StateOrProvince,Block credential,Licenses,Mobile Phone,Phone number,Postal code,Street "
        "address,"
        "Fax,Proxy addresses\r\n";
  }

  void user(const TenantUser& user, std::string& out) override {
    const std::string_view licences = user.plans == Plans::full   ? "Power Apps Premium"
                                      : user.plans == Plans::free ? "Office 365 E3"
                                                                  : "Unlicensed";
    const std::string proxies = "SMTP:" + user.user_name;
    for (const std::string_view value :
         {std::string_view(user.display_name), std::string_view(user.user_name), std::string_view(user.id),
          std::string_view(user.given_name), std::string_view(user.surname), std::string_view(),
          std::string_view(user.job_title), std::string_view(user.city), user.country, std::string_view(user.state),
          std::string_view(user.enabled ? "False" : "True"), licences, std::string_view(user.mobile_phone),
          std::string_view(user.business_phone), std::string_view(user.postal_code), std::string_view(user.street),
          std::string_view()}) {
      cell(value, out);
      out += ',';
    }
    cell(proxies, out);
    out += "\r\n";
  }

  bool changed_user(const TenantUser& changed, std::string& out) override {
    user(changed, out);
    return true;
  }

  void begin_group(std::uint64_t, std::string&) override {}
  void member(const TenantUser&, std::string&) override {}
  void end_group(std::string&) override {}
  void begin_role(unsigned, std::string&) override {}
  void end_role(std::string&) override {}

 private:
  static void cell(std::string_view value, std::string& out) {
    if (value.find_first_of(",\"\n") == std::string_view::npos) {
      out += value;
      return;
    }
    out += '"';
    for (const char c : value) {
      if (c == '"') out += '"';
      out += c;
    }
    out += '"';
  }
};

class Ldif final : public TenantFormat {
 public:
  void begin(std::string& out) override { out += "version: 1\n\n"; }

  void user(const TenantUser& user, std::string& out) override {
    line("dn", dn_of(user), out);
    for (const std::string_view name : {"top", "person", "organizationalPerson", "user"})
      line("objectClass", name, out);
    guid(user.id, out);
    line("cn", user.display_name, out);
    line("displayName", user.display_name, out);
    line("userPrincipalName", user.user_name, out);
    line("givenName", user.given_name, out);
    line("sn", user.surname, out);
    line("mail", user.user_name, out);
    line("title", user.job_title, out);
    line("telephoneNumber", user.business_phone, out);
    line("mobile", user.mobile_phone, out);
    line("streetAddress", user.street, out);
    line("l", user.city, out);
    if (!user.state.empty()) line("st", user.state, out);
    line("postalCode", user.postal_code, out);
    line("co", user.country, out);
    line("userAccountControl", user.enabled ? "512" : "514", out);
    out += '\n';
  }

  bool changed_user(const TenantUser& changed, std::string& out) override {
    user(changed, out);
    return true;
  }

  void begin_group(std::uint64_t group, std::string& out) override {
    line("dn", "CN=Group " + std::to_string(group) + ",OU=Groups,DC=contoso,DC=example", out);
    line("objectClass", "top", out);
    line("objectClass", "group", out);
    guid(Tenant::group_id(group), out);
  }
  void member(const TenantUser& user, std::string& out) override { line("member", dn_of(user), out); }
  void end_group(std::string& out) override { out += '\n'; }
  void begin_role(unsigned role, std::string& out) override {
    constexpr std::array<std::string_view, 3> names{"Global", "Power Platform", "Dynamics 365"};
    line("dn", "CN=" + std::string(names.at(role)) + " Administrators,OU=Groups,DC=contoso,DC=example", out);
    line("objectClass", "group", out);
  }
  void end_role(std::string& out) override { out += '\n'; }

 private:
  static std::string dn_of(const TenantUser& user) {
    return "CN=" + user.user_name.substr(0, user.user_name.find('@')) + ",OU=People,DC=contoso,DC=example";
  }

  // RFC 2849: what is not plain ASCII goes as base64.
  static void line(std::string_view name, std::string_view value, std::string& out) {
    out += name;
    bool plain = true;
    for (const char c : value) plain = plain && static_cast<signed char>(c) > 0;
    if (plain) {
      out.append(": ").append(value).append("\n");
    } else {
      out += ":: ";
      base64(value, out);
      out += '\n';
    }
  }

  // As Active Directory stores it: the first three fields little-endian.
  static void guid(const std::string& text, std::string& out) {
    constexpr std::array<std::size_t, 16> order{6, 4, 2, 0, 11, 9, 16, 14, 19, 21, 24, 26, 28, 30, 32, 34};
    std::string bytes;
    for (const std::size_t at : order) bytes += static_cast<char>(std::stoi(text.substr(at, 2), nullptr, 16));
    out += "objectGUID:: ";
    base64(bytes, out);
    out += '\n';
  }

  static void base64(std::string_view bytes, std::string& out) {
    constexpr std::string_view digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    for (std::size_t i = 0; i < bytes.size(); i += 3) {
      const std::size_t count = std::min<std::size_t>(3, bytes.size() - i);
      std::uint32_t bits = 0;
      for (std::size_t k = 0; k < 3; ++k) {
        bits = bits << 8U | (k < count ? static_cast<unsigned char>(bytes[i + k]) : 0U);
      }
      for (std::size_t k = 0; k < 4; ++k) out += k <= count ? digits[bits >> (18U - 6U * k) & 63U] : '=';
    }
  }
};

}  // namespace

std::unique_ptr<TenantFormat> make_tenant_format(const std::string& name) {
  if (name == "graph-jsonl") return std::make_unique<GraphJsonl>();
  if (name == "m365-csv") return std::make_unique<M365Csv>();
  if (name == "ldif") return std::make_unique<Ldif>();
  return nullptr;
}

}  // namespace dvsync::bench
