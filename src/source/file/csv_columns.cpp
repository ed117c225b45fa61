#include "source/file/csv_columns.hpp"

#include <algorithm>

#include "dvsync/error.hpp"
#include "source/ascii.hpp"

namespace dvsync::source::file {
namespace {

using core::Attribute;

template <class Target>
struct Alias {
  std::string_view name;  // as key_of() makes it
  Target target;
};

// English as the portals write it; then what localised exports and hand-made files use.
constexpr std::array special_names{
    Alias{"objectid", CsvColumn::object_id},
    Alias{"id", CsvColumn::object_id},
    Alias{"objektid", CsvColumn::object_id},
    Alias{"iddoobjeto", CsvColumn::object_id},
    Alias{"iddeobjeto", CsvColumn::object_id},
    Alias{"iddelobjeto", CsvColumn::object_id},
    Alias{"iddobjet", CsvColumn::object_id},
    Alias{"blockcredential", CsvColumn::block_credential},
    Alias{"signinblocked", CsvColumn::block_credential},
    Alias{"anmeldeinformationenblockieren", CsvColumn::block_credential},
    Alias{"bloquearcredencial", CsvColumn::block_credential},
    Alias{"bloquearcredenciais", CsvColumn::block_credential},
    Alias{"bloquearcredenciales", CsvColumn::block_credential},
    Alias{"bloquerlesinformationsdidentification", CsvColumn::block_credential},
    Alias{"accountenabled", CsvColumn::account_enabled},
    Alias{"kontoaktiviert", CsvColumn::account_enabled},
    Alias{"licenses", CsvColumn::licenses},
    Alias{"licences", CsvColumn::licenses},
    Alias{"lizenzen", CsvColumn::licenses},
    Alias{"licenças", CsvColumn::licenses},
    Alias{"licencias", CsvColumn::licenses},
    Alias{"licenseassignmentdetails", CsvColumn::license_details},
    Alias{"softdeletiontimestamp", CsvColumn::soft_deletion},
    Alias{"deleteddatetime", CsvColumn::soft_deletion},
    Alias{"proxyaddresses", CsvColumn::proxy_addresses},
    Alias{"proxyadressen", CsvColumn::proxy_addresses},
    Alias{"usertype", CsvColumn::user_type},
    Alias{"benutzertyp", CsvColumn::user_type},
};

constexpr std::array attribute_names{
    Alias{"userprincipalname", Attribute::user_principal_name},
    Alias{"upn", Attribute::user_principal_name},
    Alias{"benutzerprinzipalname", Attribute::user_principal_name},
    Alias{"nomeprincipaldousuário", Attribute::user_principal_name},
    Alias{"nomeprincipaldoutilizador", Attribute::user_principal_name},
    Alias{"nombreprincipaldeusuario", Attribute::user_principal_name},
    Alias{"nomdutilisateurprincipal", Attribute::user_principal_name},
    Alias{"displayname", Attribute::display_name},
    Alias{"anzeigename", Attribute::display_name},
    Alias{"firstname", Attribute::given_name},
    Alias{"givenname", Attribute::given_name},
    Alias{"vorname", Attribute::given_name},
    Alias{"lastname", Attribute::surname},
    Alias{"surname", Attribute::surname},
    Alias{"nachname", Attribute::surname},
    Alias{"title", Attribute::job_title},
    Alias{"jobtitle", Attribute::job_title},
    Alias{"mail", Attribute::mail},
    Alias{"email", Attribute::mail},
    Alias{"phonenumber", Attribute::business_phone},
    Alias{"telephonenumber", Attribute::business_phone},
    Alias{"businessphones", Attribute::business_phone},
    Alias{"officephone", Attribute::business_phone},
    Alias{"telefonnummer", Attribute::business_phone},
    Alias{"mobilephone", Attribute::mobile_phone},
    Alias{"mobile", Attribute::mobile_phone},
    Alias{"mobiltelefon", Attribute::mobile_phone},
    Alias{"homephone", Attribute::home_phone},
    Alias{"fax", Attribute::fax_number},
    Alias{"faxnumber", Attribute::fax_number},
    Alias{"streetaddress", Attribute::street_address},
    Alias{"city", Attribute::city},
    Alias{"ort", Attribute::city},
    Alias{"stateorprovince", Attribute::state},
    Alias{"stateprovince", Attribute::state},
    Alias{"state", Attribute::state},
    Alias{"bundesland", Attribute::state},
    Alias{"postalcode", Attribute::postal_code},
    Alias{"ziporpostalcode", Attribute::postal_code},
    Alias{"postleitzahl", Attribute::postal_code},
    Alias{"countryorregion", Attribute::country},
    Alias{"countryregion", Attribute::country},
    Alias{"country", Attribute::country},
    Alias{"land", Attribute::country},
};

// Lower case, without blanks and punctuation: "State/Province", "State or province " and "stateOrProvince" differ less.
std::string key_of(std::string_view header) {
  std::string key = to_lower(header);
  std::erase_if(key, [](char c) {
    const bool letter_or_digit = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || static_cast<signed char>(c) < 0;
    return !letter_or_digit;
  });
  return key;
}

[[noreturn]] void refuse(const std::string& file_name, const std::string& why) {
  throw SourceError(SourceError::Kind::malformed, file_name + ": " + why);
}

}  // namespace

CsvColumns::CsvColumns(const std::vector<std::string_view>& header, const std::string& file_name)
    : count_(header.size()) {
  for (std::size_t i = 0; i < header.size(); ++i) place(header[i], i);
  verify(file_name);
}

void CsvColumns::place(std::string_view header, std::size_t index) {
  const std::string key = key_of(header);
  const auto special = std::ranges::find(special_names, key, &Alias<CsvColumn>::name);
  const auto attribute = std::ranges::find(attribute_names, key, &Alias<Attribute>::name);
  std::optional<std::size_t>* slot = nullptr;
  if (special != special_names.end()) slot = &special_[static_cast<std::size_t>(special->target)];
  if (attribute != attribute_names.end()) slot = &attributes_[static_cast<std::size_t>(attribute->target)];
  if (slot != nullptr && !*slot) *slot = index;
}

void CsvColumns::verify(const std::string& file_name) const {
  const auto is_set = [](const auto& slot) { return slot.has_value(); };
  if (std::ranges::none_of(special_, is_set) && std::ranges::none_of(attributes_, is_set)) {
    refuse(file_name,
           "its first line names not one column of a user export (“User principal name”, “Object Id” …): "
           "export the users from the Microsoft 365 admin centre, or set directory.format");
  }
  const auto missing = [&](std::string_view column) {
    refuse(file_name, "the column “" + std::string(column) + "” is missing: export the users with all columns");
  };
  if (!index(CsvColumn::object_id)) missing("Object Id");
  if (!index(Attribute::user_principal_name)) missing("User principal name");
  if (!index(CsvColumn::block_credential) && !index(CsvColumn::account_enabled)) missing("Block credential");
}

char detect_delimiter(std::string_view header_line) {
  std::size_t commas = 0;
  std::size_t semicolons = 0;
  bool quoted = false;
  for (const char c : header_line) {
    if (c == '\n' && !quoted) break;
    if (c == '"') quoted = !quoted;
    if (!quoted && c == ',') ++commas;
    if (!quoted && c == ';') ++semicolons;
  }
  return semicolons > commas ? ';' : ',';
}

}  // namespace dvsync::source::file
