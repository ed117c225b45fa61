#include "source/file/csv_vocabulary.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <unordered_map>

#include "dvsync/core/text.hpp"
#include "source/ascii.hpp"

namespace dvsync::source::file {
namespace {

using core::Attribute;

// Letters and digits only, in lower case: "State/Province", "State or province " and "stateOrProvince" differ less.
std::string key_of(std::string_view text) {
  std::string key;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto byte = static_cast<unsigned char>(text[i]);
    if (byte == 0xc2U) {  // U+0080 to U+00BF: blanks and punctuation
      ++i;
    } else if (byte == 0xc3U && i + 1 < text.size()) {  // À to Þ have their small letters 32 further on
      const auto next = static_cast<unsigned char>(text[++i]);
      key += text[i - 1];
      key += static_cast<char>(next >= 0x80U && next <= 0x9eU && next != 0x97U ? next + 0x20U : next);
    } else if (byte >= 0x80U || is_digit(text[i])) {
      key += text[i];
    } else if (const char small = core::ascii_lower(text[i]); small >= 'a' && small <= 'z') {
      key += small;
    }
  }
  return key;
}

// One target, and its names in one language, with blanks between them.
struct Names {
  std::variant<PassedOver, CsvColumn, Attribute> target;
  std::string_view names;
};

constexpr std::array english{
    Names{CsvColumn::object_id, "objectid id"},
    Names{CsvColumn::block_credential, "blockcredential signinblocked"},
    Names{CsvColumn::account_enabled, "accountenabled"},
    Names{CsvColumn::licenses, "licenses licences"},
    Names{CsvColumn::license_details, "licenseassignmentdetails"},
    Names{CsvColumn::soft_deletion, "softdeletiontimestamp deleteddatetime"},
    Names{CsvColumn::proxy_addresses, "proxyaddresses"},
    Names{CsvColumn::user_type, "usertype"},
    Names{Attribute::user_principal_name, "userprincipalname upn"},
    Names{Attribute::display_name, "displayname"},
    Names{Attribute::given_name, "firstname givenname"},
    Names{Attribute::surname, "lastname surname"},
    Names{Attribute::job_title, "title jobtitle"},
    Names{Attribute::mail, "mail email emailaddress"},
    Names{Attribute::business_phone, "phonenumber telephonenumber businessphones officephone"},
    Names{Attribute::mobile_phone, "mobilephone mobile"},
    Names{Attribute::home_phone, "homephone"},
    Names{Attribute::fax_number, "fax faxnumber"},
    Names{Attribute::street_address, "streetaddress"},
    Names{Attribute::city, "city"},
    Names{Attribute::state, "stateorprovince stateprovince state"},
    Names{Attribute::postal_code, "postalcode ziporpostalcode zip zipcode"},
    Names{Attribute::country, "countryorregion countryregion country"},
    Names{PassedOver{},
          "department dirsyncenabled directorysynced lastdirsynctime lastpasswordchangetimestamp oathtokenmetadata "
          "office officelocation passwordneverexpires preferreddatalocation preferredlanguage releasetrack "
          "strongpasswordrequired usagelocation whencreated alternateemailaddress companyname employeeid manager"},
};

constexpr std::array german{
    Names{CsvColumn::object_id, "objektid"},
    Names{CsvColumn::block_credential,
          "anmeldeinformationenblockieren anmeldeinformationensperren anmeldungblockiert anmeldungblockieren "
          "anmeldunggesperrt"},
    Names{CsvColumn::account_enabled, "kontoaktiviert"},
    Names{CsvColumn::licenses, "lizenzen"},
    Names{CsvColumn::license_details, "lizenzzuweisungsdetails detailszurlizenzzuweisung"},
    Names{CsvColumn::soft_deletion,
          "zeitstempeldervorläufigenlöschung zeitstempelfürvorläufigelöschung zeitstempelfürvorläufigeslöschen "
          "zeitstempeldesvorläufigenlöschens vorläufiggelöschtam gelöschtam"},
    Names{CsvColumn::proxy_addresses, "proxyadressen"},
    Names{CsvColumn::user_type, "benutzertyp"},
    Names{Attribute::user_principal_name, "benutzerprinzipalname benutzerprinzipalnameupn"},
    Names{Attribute::display_name, "anzeigename"},
    Names{Attribute::given_name, "vorname"},
    Names{Attribute::surname, "nachname familienname"},
    Names{Attribute::job_title, "titel position stellenbezeichnung berufsbezeichnung"},
    Names{Attribute::mail, "emailadresse"},
    Names{Attribute::business_phone, "telefonnummer telefon telefongeschäftlich bürotelefon geschäftlichestelefon"},
    Names{Attribute::mobile_phone, "mobiltelefon mobiltelefonnummer handy handynummer mobil"},
    Names{Attribute::home_phone, "privattelefon telefonprivat"},
    Names{Attribute::fax_number, "faxnummer"},
    Names{Attribute::street_address, "straße strasse straßenadresse adresse anschrift"},
    Names{Attribute::city, "ort stadt"},
    Names{Attribute::state, "bundesland bundeslandkanton bundeslandoderkanton bundeslandprovinz bundeslandoderprovinz"},
    Names{Attribute::postal_code, "postleitzahl plz"},
    Names{Attribute::country, "land landregion landoderregion"},
    Names{PassedOver{},
          "abteilung büro bürostandort firma firmenname unternehmen dirsyncaktiviert "
          "verzeichnissynchronisierungaktiviert "
          "zeitpunktderletztenverzeichnissynchronisierung letztedirsynczeit kennwortläuftnieab kennwortläuftniemalsab "
          "zeitstempelderletztenkennwortänderung bevorzugtesprache bevorzugterdatenspeicherort nutzungsstandort "
          "verwendungsstandort erstelltam erstellungsdatum sichereskennworterforderlich starkeskennworterforderlich "
          "oathtokenmetadaten"},
};

constexpr std::array spanish{
    Names{CsvColumn::object_id, "iddeobjeto iddelobjeto"},
    Names{CsvColumn::block_credential,
          "bloquearcredencial bloquearcredenciales credencialbloqueada iniciodesesiónbloqueado"},
    Names{CsvColumn::account_enabled, "cuentahabilitada"},
    Names{CsvColumn::licenses, "licencias"},
    Names{CsvColumn::license_details, "detallesdeasignacióndelicencias detallesdelaasignacióndelicencias"},
    Names{CsvColumn::soft_deletion,
          "marcadetiempodeeliminacióntemporal marcadehoradeeliminacióntemporal "
          "marcadetiempodelaeliminacióntemporal fechadeeliminacióntemporal"},
    Names{CsvColumn::proxy_addresses, "direccionesdeproxy direccionesproxy"},
    Names{CsvColumn::user_type, "tipodeusuario"},
    Names{Attribute::user_principal_name, "nombreprincipaldeusuario nombreprincipaldelusuario"},
    Names{Attribute::display_name, "nombreparamostrar"},
    Names{Attribute::given_name, "nombre nombredepila"},
    Names{Attribute::surname, "apellidos apellido"},
    Names{Attribute::job_title, "título puesto cargo"},
    Names{Attribute::mail, "correoelectrónico correo"},
    Names{Attribute::business_phone, "númerodeteléfono teléfono teléfonodeltrabajo teléfonodelaoficina"},
    Names{Attribute::mobile_phone, "teléfonomóvil móvil"},
    Names{Attribute::home_phone, "teléfonoparticular"},
    Names{Attribute::fax_number, "númerodefax"},
    Names{Attribute::street_address, "dirección direcciónpostal direccióndelacalle calle"},
    Names{Attribute::city, "ciudad"},
    Names{Attribute::state, "estado estadooprovincia estadoprovincia provincia"},
    Names{Attribute::postal_code, "códigopostal"},
    Names{Attribute::country, "país paísoregión paísregión"},
    Names{PassedOver{},
          "departamento oficina ubicacióndeuso idiomapreferido contraseñanuncaexpira fechadecreación creado "
          "ubicacióndedatospreferida"},
};

constexpr std::array french{
    Names{CsvColumn::object_id, "iddobjet iddelobjet idobjet"},
    Names{CsvColumn::block_credential,
          "bloquerlesinformationsdidentification informationsdidentificationbloquées connexionbloquée "
          "bloquerlaconnexion"},
    Names{CsvColumn::account_enabled, "compteactivé"},
    Names{CsvColumn::license_details, "détailsdelattributiondelicences détailsdelattributiondeslicences"},
    Names{CsvColumn::soft_deletion,
          "horodatagedesuppressionréversible horodatagedelasuppressionréversible "
          "horodatagedesuppressiontemporaire horodatagedelasuppressiontemporaire"},
    Names{CsvColumn::proxy_addresses, "adressesproxy adressesdeproxy"},
    Names{CsvColumn::user_type, "typedutilisateur"},
    Names{Attribute::user_principal_name,
          "nomdutilisateurprincipal nomprincipaldelutilisateur nomprincipaldutilisateur"},
    Names{Attribute::display_name, "nomdaffichage nomàafficher nomcomplet"},
    Names{Attribute::given_name, "prénom"},
    Names{Attribute::surname, "nom nomdefamille"},
    Names{Attribute::job_title, "titre fonction poste"},
    Names{Attribute::mail, "courriel courrier courrierélectronique adresseemail adressedemessagerie"},
    Names{Attribute::business_phone, "numérodetéléphone téléphone téléphoneprofessionnel téléphonebureau"},
    Names{Attribute::mobile_phone, "téléphonemobile téléphoneportable portable"},
    Names{Attribute::home_phone, "téléphonedomicile"},
    Names{Attribute::fax_number, "télécopie numérodetélécopie"},
    Names{Attribute::street_address, "adressepostale rue"},
    Names{Attribute::city, "ville"},
    Names{Attribute::state, "étatouprovince étatprovince départementourégion région province"},
    Names{Attribute::postal_code, "codepostal"},
    Names{Attribute::country, "pays paysourégion paysrégion"},
    Names{PassedOver{},
          "département service bureau emplacementdutilisation languepréférée motdepassenexpirejamais "
          "datedecréation quandcréé"},
};

constexpr std::array portuguese{
    Names{CsvColumn::object_id, "iddoobjeto iddoobjecto"},
    Names{CsvColumn::block_credential, "bloquearcredenciais iniciodesessãobloqueado entradabloqueada"},
    Names{CsvColumn::account_enabled, "contahabilitada contaativada"},
    Names{CsvColumn::licenses, "licenças"},
    Names{CsvColumn::license_details, "detalhesdaatribuiçãodelicenças detalhesdeatribuiçãodelicença"},
    Names{CsvColumn::soft_deletion,
          "carimbodedatahoradaexclusãotemporária carimbodedatahoradeexclusãotemporária "
          "carimbodedatahoradaexclusãoreversível carimbodedatahoradaeliminaçãotemporária"},
    Names{CsvColumn::proxy_addresses, "endereçosdeproxy endereçosproxy"},
    Names{CsvColumn::user_type, "tipodeusuário tipodeutilizador"},
    Names{Attribute::user_principal_name, "nomeprincipaldousuário nomeprincipaldoutilizador"},
    Names{Attribute::display_name, "nomedeexibição nomeparaexibição nomeaapresentar nomeaexibir"},
    Names{Attribute::given_name, "nome nomepróprio primeironome"},
    Names{Attribute::surname, "sobrenome apelido últimonome"},
    Names{Attribute::mail, "correioeletrônico correioeletrónico"},
    Names{Attribute::business_phone, "númerodetelefone telefone telefonecomercial"},
    Names{Attribute::mobile_phone, "telefonecelular celular telemóvel telefonemóvel"},
    Names{Attribute::home_phone, "telefoneresidencial"},
    Names{Attribute::street_address, "endereço morada"},
    Names{Attribute::city, "cidade localidade"},
    Names{Attribute::state, "estadoouprovíncia estadoprovíncia distrito"},
    Names{Attribute::postal_code, "cep"},
    Names{Attribute::country, "paísouregião paísregião"},
    Names{PassedOver{},
          "escritório localdeuso localdeutilização idiomapreferencial asenhanuncaexpira senhanuncaexpira "
          "datadecriação"},
};

constexpr std::array italian{
    Names{CsvColumn::object_id, "idoggetto iddelloggetto"},
    Names{CsvColumn::block_credential, "bloccacredenziali credenzialibloccate accessobloccato"},
    Names{CsvColumn::account_enabled, "accountabilitato"},
    Names{CsvColumn::licenses, "licenze"},
    Names{CsvColumn::license_details, "dettagliassegnazionelicenze dettagliassegnazionelicenza"},
    Names{CsvColumn::soft_deletion,
          "timestampeliminazionetemporanea timestampdieliminazionetemporanea dataeliminazionetemporanea"},
    Names{CsvColumn::proxy_addresses, "indirizziproxy"},
    Names{CsvColumn::user_type, "tipodiutente tipoutente"},
    Names{Attribute::user_principal_name, "nomeprincipaleutente nomeprincipaledellutente nomeentitàutente"},
    Names{Attribute::display_name, "nomevisualizzato"},
    Names{Attribute::surname, "cognome"},
    Names{Attribute::job_title, "titolo posizione qualifica"},
    Names{Attribute::mail, "postaelettronica"},
    Names{Attribute::business_phone, "numeroditelefono telefono telefonoufficio"},
    Names{Attribute::mobile_phone, "cellulare telefonocellulare telefonomobile"},
    Names{Attribute::street_address, "indirizzo via"},
    Names{Attribute::city, "città"},
    Names{Attribute::state, "statooprovincia statoprovincia regione"},
    Names{Attribute::postal_code, "cap codicepostale"},
    Names{Attribute::country, "paese paeseoareageografica paesearea paeseregione"},
    Names{PassedOver{}, "reparto ufficio percorsodiutilizzo linguapreferita lapasswordnonscademai datadicreazione"},
};

using Headers = std::unordered_map<std::string, CsvHeader>;

template <std::size_t count>
void add(Headers& headers, const std::array<Names, count>& table, Language language) {
  for (const auto& [target, names] : table) {
    for (std::string_view rest = names; !rest.empty();) {
      const std::size_t end = std::min(rest.find(' '), rest.size());
      headers.try_emplace(std::string(rest.substr(0, end)), CsvHeader{.target = target, .language = language});
      rest.remove_prefix(std::min(end + 1, rest.size()));
    }
  }
}

const Headers& headers() {
  static const Headers all = [] {
    Headers made;
    add(made, english, Language::english);
    add(made, german, Language::german);
    add(made, spanish, Language::spanish);
    add(made, french, Language::french);
    add(made, portuguese, Language::portuguese);
    add(made, italian, Language::italian);
    return made;
  }();
  return all;
}

constexpr std::array<std::string_view, 13> yes{"true", "wahr", "vrai", "verdadero", "verdadeiro", "vero", "yes",
                                               "ja",   "oui",  "sí",   "sim",       "sì",         "1"};
constexpr std::array<std::string_view, 9> no{"false", "falsch", "faux", "falso", "no", "nein", "non", "não", "0"};

constexpr std::array<std::string_view, 22> unlicensed{
    "unlicensed",     "notlicensed",   "nolicense",     "nolicence",     "nichtlizenziert",
    "unlizenziert",   "ohnelizenz",    "keinelizenz",   "keinelizenzen", "sinlicencia",
    "sinlicencias",   "nolicenciado",  "sanslicence",   "aucunelicence", "nonconcédésouslicence",
    "semlicença",     "semlicenças",   "nãolicenciado", "senzalicenza",  "senzalicenze",
    "nessunalicenza", "privodilicenza"};

constexpr std::array<std::string_view, 6> guest{"guest", "gast", "invitado", "invité", "convidado", "ospite"};
constexpr std::array<std::string_view, 5> member{"member", "mitglied", "miembro", "membre", "membro"};

template <class Words>
bool is_one_of(const Words& words, std::string_view cell) {
  return std::ranges::find(words, key_of(cell)) != words.end();
}

// The numbers of "28.11.2026 10:11", in their order; what separates them does not matter.
struct Numbers {
  std::array<std::int64_t, 6> values{};
  std::array<std::size_t, 6> digits{};
  std::size_t count = 0;
};

std::optional<Numbers> numbers_in(std::string_view text) {
  Numbers numbers;
  while (!text.empty()) {
    const std::size_t length = std::min(text.find_first_not_of("0123456789"), text.size());
    if (length > 0) {
      if (numbers.count == numbers.values.size() || length > 4) return std::nullopt;
      numbers.values[numbers.count] = parse_number(text.substr(0, length)).value_or(0);
      numbers.digits[numbers.count++] = length;
    }
    text.remove_prefix(std::max<std::size_t>(length, 1));
  }
  return numbers.count >= 3 ? std::optional(numbers) : std::nullopt;
}

}  // namespace

std::optional<CsvHeader> find_csv_header(std::string_view header) {
  const auto found = headers().find(key_of(header));
  return found == headers().end() ? std::nullopt : std::optional(found->second);
}

std::optional<bool> truth(std::string_view cell) {
  if (is_one_of(yes, cell)) return true;
  return is_one_of(no, cell) ? std::optional(false) : std::nullopt;
}

bool says_unlicensed(std::string_view cell) { return is_one_of(unlicensed, cell); }

std::optional<bool> says_guest(std::string_view cell) {
  if (is_one_of(guest, cell)) return true;
  return is_one_of(member, cell) ? std::optional(false) : std::nullopt;
}

std::optional<core::Timestamp> parse_date(std::string_view cell, Language language) {
  if (const auto moment = core::parse_timestamp(cell)) return moment;
  const auto numbers = numbers_in(cell);
  if (!numbers) return std::nullopt;
  const auto& [values, digits, count] = *numbers;
  const bool year_first = digits[0] == 4;
  // Americans write the month first, with slashes; who else writes English cannot be told from a day up to 12.
  const bool month_first = language == Language::english && cell.find('/') != std::string_view::npos && values[0] <= 12;
  const std::int64_t written_year = year_first ? values[0] : values[2];
  const bool two_digits = !year_first && digits[2] <= 2;
  const auto year = std::chrono::year(static_cast<int>(two_digits ? written_year + 2000 : written_year));
  const std::int64_t month = year_first ? values[1] : month_first ? values[0] : values[1];
  const std::int64_t day = year_first ? values[2] : month_first ? values[1] : values[0];
  const std::chrono::year_month_day date{year, std::chrono::month(static_cast<unsigned>(month)),
                                         std::chrono::day(static_cast<unsigned>(day))};
  std::int64_t hour = values[3];
  const char half = core::ascii_lower(trimmed(cell).back());
  const bool has_half = half == 'm' && trimmed(cell).size() > 2;
  if (has_half) {
    const bool afternoon = core::ascii_lower(trimmed(cell)[trimmed(cell).size() - 2]) == 'p';
    hour = hour % 12 + (afternoon ? 12 : 0);
  }
  if (!date.ok() || hour > 23 || values[4] > 59 || values[5] > 60) return std::nullopt;
  return std::chrono::sys_days(date) + std::chrono::hours(hour) + std::chrono::minutes(values[4]) +
         std::chrono::seconds(values[5]);
}

}  // namespace dvsync::source::file
