// The words of user exports: translated headers and cells, dates, rows that were emptied, cells that a tool spoilt.

#include <gmock/gmock.h>

#include <string>

#include "source/file/csv_columns.hpp"
#include "unit/source/file_fixture.hpp"

namespace dvsync::source::file {
namespace {

using core::Attribute;
using std::chrono::seconds;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

const core::Guid dataverse = guid("ea2cf03b-ac60-46ae-9c1d-eeaeb63cec86");

// One export in one language: header, a licensed user, one without a licence, a deleted one, and a blocked guest.
struct Translation {
  std::string_view name;
  Language language;
  std::string header;
  std::string no;
  std::string yes;
  std::string unlicensed;
  std::string deleted_at;  // 28 November 2026, 10:11
  std::string guest;
};

class CsvTranslationTest : public FileTest, public ::testing::WithParamInterface<Translation> {};

TEST_P(CsvTranslationTest, HeadersValuesAndDatesAreWhole) {
  const Translation& in = GetParam();
  const auto row = [&](const std::string& user, const std::string& id, const std::string& blocked,
                       const std::string& licences, const std::string& deleted, const std::string& type) {
    return user + "@x;" + id + ";" + user + " Li;" + user + ";Li;Boss;" + blocked + ";" + licences + ";" + deleted +
           ";" + type + ";+47 22;+47 9;Storgata 1;Oslo;Viken;0150;Norge\n";
  };
  const std::string deleted_id = "33333333-3333-4333-8333-333333333333";
  const Pulled pulled =
      pull("users.csv", in.header + "\n" + row("ana", std::string(ana_id), in.no, "Power Apps Premium", "", "") +
                            row("bo", std::string(bo_id), in.yes, in.unlicensed, "", in.guest) +
                            row("cy", deleted_id, in.no, in.unlicensed, in.deleted_at, ""));
  ASSERT_THAT(pulled.all.identities, SizeIs(3));
  EXPECT_THAT(pulled.end.warnings, IsEmpty());
  const IdentityRecord& ana = pulled.user(ana_id);
  EXPECT_EQ(ana.account_enabled, true);
  EXPECT_EQ(ana.guest, false);
  EXPECT_THAT(ana.plans.value(), testing::Contains(dataverse));
  EXPECT_EQ(ana.profile[Attribute::user_principal_name], "ana@x");
  EXPECT_EQ(ana.profile[Attribute::display_name], "ana Li");
  EXPECT_EQ(ana.profile[Attribute::given_name], "ana");
  EXPECT_EQ(ana.profile[Attribute::surname], "Li");
  EXPECT_EQ(ana.profile[Attribute::job_title], "Boss");
  EXPECT_EQ(ana.profile[Attribute::business_phone], "+47 22");
  EXPECT_EQ(ana.profile[Attribute::mobile_phone], "+47 9");
  EXPECT_EQ(ana.profile[Attribute::street_address], "Storgata 1");
  EXPECT_EQ(ana.profile[Attribute::city], "Oslo");
  EXPECT_EQ(ana.profile[Attribute::state], "Viken");
  EXPECT_EQ(ana.profile[Attribute::postal_code], "0150");
  EXPECT_EQ(ana.profile[Attribute::country], "Norge");
  EXPECT_EQ(pulled.user(bo_id).account_enabled, false);
  EXPECT_EQ(pulled.user(bo_id).guest, true);
  EXPECT_THAT(pulled.user(bo_id).plans.value(), IsEmpty());
  EXPECT_EQ(pulled.user(deleted_id).lifecycle, core::Lifecycle::soft_deleted);
  EXPECT_EQ(pulled.user(deleted_id).deleted_at.value().time_since_epoch(), seconds(1'795'860'660));
}

INSTANTIATE_TEST_SUITE_P(
    Languages, CsvTranslationTest,
    ::testing::Values(
        Translation{
            "english", Language::english,
            "User principal name;Object Id;Display name;First name;Last name;Title;Block credential;Licenses;Soft "
            "deletion time stamp;User type;Phone number;Mobile Phone;Street address;City;State;Postal code;Country",
            "False", "True", "Unlicensed", "11/28/2026 10:11:00 AM", "Guest"},
        Translation{
            "german", Language::german,
            "Benutzerprinzipalname;Objekt-ID;Anzeigename;Vorname;Nachname;Titel;Anmeldeinformationen blockieren;"
            "Lizenzen;Zeitstempel der vorl\u00e4ufigen L\u00f6schung;Benutzertyp;Telefonnummer;Mobiltelefon;"
            "Stra\u00dfe;Ort;Bundesland;Postleitzahl;Land",
            "FALSCH", "WAHR", "Nicht lizenziert", "28.11.2026 10:11", "Gast"},
        Translation{"spanish", Language::spanish,
                    "Nombre principal de usuario;ID de objeto;Nombre para mostrar;Nombre;Apellidos;Puesto;Bloquear "
                    "credencial;Licencias;Marca de tiempo de eliminaci\u00f3n temporal;Tipo de usuario;N\u00famero de "
                    "tel\u00e9fono;Tel\u00e9fono m\u00f3vil;Direcci\u00f3n;Ciudad;Estado o provincia;C\u00f3digo "
                    "postal;Pa\u00eds o regi\u00f3n",
                    "FALSO", "VERDADERO", "Sin licencia", "28/11/2026 10:11", "Invitado"},
        Translation{"french", Language::french,
                    "Nom d'utilisateur principal;ID d'objet;Nom d'affichage;Pr\u00e9nom;Nom;Fonction;Bloquer les "
                    "informations d'identification;Licences;Horodatage de suppression r\u00e9versible;Type "
                    "d'utilisateur;Num\u00e9ro de t\u00e9l\u00e9phone;T\u00e9l\u00e9phone mobile;Adresse;Ville;"
                    "\u00c9tat ou province;Code postal;Pays",
                    "FAUX", "VRAI", "Sans licence", "28/11/2026 10:11", "Invit\u00e9"},
        Translation{
            "portuguese", Language::portuguese,
            "Nome principal do usu\u00e1rio;ID do objeto;Nome de exibi\u00e7\u00e3o;Nome;Sobrenome;Cargo;Bloquear "
            "credenciais;Licen\u00e7as;Carimbo de data/hora da exclus\u00e3o tempor\u00e1ria;Tipo de "
            "usu\u00e1rio;N\u00famero de telefone;Telefone celular;Endere\u00e7o;Cidade;Estado;CEP;Pa\u00eds",
            "FALSO", "VERDADEIRO", "N\u00e3o licenciado", "28/11/2026 10:11:00", "Convidado"},
        Translation{"italian", Language::italian,
                    "Nome principale utente;ID oggetto;Nome visualizzato;Nome;Cognome;Qualifica;Blocca credenziali;"
                    "Licenze;Timestamp eliminazione temporanea;Tipo di utente;Numero di telefono;Cellulare;Indirizzo;"
                    "Citt\u00e0;Provincia;CAP;Paese",
                    "FALSO", "VERO", "Senza licenza", "28/11/2026 10:11", "Ospite"}),
    [](const auto& test) { return std::string(test.param.name); });

const std::string english =
    "User principal name,Object Id,Block credential,Licenses,Phone number,Soft deletion time stamp\n";

std::string row(std::string_view id, std::string_view rest, std::string_view user = "ana@x") {
  return std::string(user) + "," + std::string(id) + "," + std::string(rest) + "\n";
}

class CsvWordsTest : public FileTest {
 protected:
  Pulled pull_rows(const std::string& rows, const std::string& header = english) {
    return pull("users.csv", header + rows);
  }
};

TEST_F(CsvWordsTest, AnUnknownColumnOfATranslatedFileIsNamed) {
  const std::string translated =
      "Benutzerprinzipalname,Objekt-ID,Anmeldeinformationen blockieren,Gel\u00f6scht?,Abteilung,Kostenstelle\n";
  const Pulled pulled = pull_rows(row(ana_id, "FALSCH,28.11.2026,X,7"), translated);
  ASSERT_THAT(pulled.end.warnings, SizeIs(1));
  EXPECT_THAT(pulled.end.warnings[0], HasSubstr("Gel\u00f6scht?; Kostenstelle"));
  EXPECT_THAT(pulled.end.warnings[0], testing::Not(HasSubstr("Abteilung"))) << "known, and nothing is read of it";
  EXPECT_THAT(
      pull_rows(row(ana_id, "False,,,,x"), english.substr(0, english.size() - 1) + ",Cost centre\n").end.warnings,
      IsEmpty());
}

TEST_F(CsvWordsTest, ALicenceCellThatIsNotUnderstoodMakesThePlansUnknown) {
  for (const char* cell :
       {"Ei lisenssi\u00e4", "Contoso Suite", "System.Collections.Generic.List`1[System.String]", "#N/A"}) {
    const Pulled pulled = pull_rows(row(ana_id, "False," + std::string(cell) + ",,"));
    EXPECT_EQ(pulled.user(ana_id).plans, std::nullopt) << cell;
    EXPECT_TRUE(pulled.user(ana_id).plans_unknown) << cell;
    EXPECT_FALSE(pulled.user(ana_id).whole) << cell;
    EXPECT_THAT(pulled.end.warnings, SizeIs(1)) << cell;
  }
}

TEST_F(CsvWordsTest, RowsOfNothingAreBlankLines) {
  for (const char* blank : {",,,,,\n", "\"\",\"\",\"\",\"\",\"\",\"\"\n", " , ,\t, , ,\n", ",,\n", ",,,,,,,,,\n",
                            "\"  \",,,,,\r\n", "\u00a0,\u3000,,,,\n", "\"\"\n", "   \n", ",,,,,"}) {
    const Pulled pulled = pull_rows(row(ana_id, "False,,,") + blank +
                                    (std::string_view(blank).ends_with('\n') ? row(bo_id, "True,,,", "bo@x") : ""));
    EXPECT_THAT(pulled.all.rejected, IsEmpty()) << blank;
    EXPECT_EQ(pulled.end.users, Completeness::complete) << blank;
    EXPECT_EQ(pulled.end.records, pulled.all.identities.size()) << blank;
  }
  EXPECT_THAT(pull_rows(row(ana_id, "False,,,") + ",,False,,,\n").all.rejected, SizeIs(1))
      << "a row that says something";
}

TEST_F(CsvWordsTest, ACarriageReturnInsideQuotesBelongsToItsCell) {
  const std::string header = "User principal name,Object Id,Block credential,Street address,City\n";
  for (const char* end : {"\n", "\r\n", "\r\r\n"}) {
    for (const char* city : {"", "Oslo", "\"\"", "\"Oslo\r\""}) {
      const Pulled pulled = pull("users.csv", header + "ana@x," + std::string(ana_id) + ",False,\"Main St\r\"," + city +
                                                  end + "bo@x," + std::string(bo_id) + ",False,,x\n");
      ASSERT_THAT(pulled.all.identities, SizeIs(2)) << city << end;
      EXPECT_THAT(pulled.all.rejected, IsEmpty());
      EXPECT_EQ(pulled.user(ana_id).profile[Attribute::street_address], "Main St\r");
    }
  }
}

TEST_F(CsvWordsTest, WhatAToolWroteInPlaceOfAValueLeavesTheFactAlone) {
  const Pulled pulled = pull_rows(row(ana_id, "False,,System.String[],") + row(bo_id, "False,,4.7E+10,", "bo@x") +
                                  row("33333333-3333-4333-8333-333333333333", "False,,+47 22,", "cy@x"));
  for (const std::string_view id : {ana_id, bo_id}) {
    EXPECT_FALSE(pulled.user(id).stated.test(static_cast<std::size_t>(Attribute::business_phone)));
    EXPECT_TRUE(pulled.user(id).stated.test(static_cast<std::size_t>(Attribute::job_title)));
    EXPECT_EQ(pulled.user(id).account_enabled, true);
  }
  EXPECT_THAT(pulled.end.warnings, ElementsAre(HasSubstr("2 texts")));
  EXPECT_EQ(pull_rows(row(ana_id, "NULL,,,")).user(ana_id).account_enabled, std::nullopt);
}

TEST_F(CsvWordsTest, OnlyADateIsASoftDeletion) {
  const std::string somebody = row(bo_id, "True,,,", "bo@x");
  for (const char* deleted :
       {"2026-11-28", "2026-11-28T10:11:12Z", "28.11.2026 10:11", "11/28/2026 10:11:12 PM", "28/11/2026"}) {
    EXPECT_EQ(pull_rows(row(ana_id, "False,,," + std::string(deleted)) + somebody).user(ana_id).lifecycle,
              core::Lifecycle::soft_deleted)
        << deleted;
  }
  for (const char* nothing : {"", "  ", "NULL", "(null)", "0001-01-01T00:00:00Z", "1/1/0001 12:00:00 AM"}) {
    EXPECT_EQ(pull_rows(row(ana_id, "False,,," + std::string(nothing)) + somebody).user(ana_id).lifecycle,
              core::Lifecycle::present)
        << nothing;
  }
  for (const char* strange : {"False", "#N/A", "yesterday", "System.Object[]", "7"}) {
    const Pulled pulled = pull_rows(row(ana_id, "False,,," + std::string(strange)) + row(bo_id, "True,,,", "bo@x"));
    ASSERT_THAT(pulled.all.rejected, SizeIs(1)) << strange;
    EXPECT_EQ(pulled.all.rejected[0].object_id, guid(ana_id)) << "known by its id, so it is not absent";
  }
}

TEST_F(CsvWordsTest, AUserTypeThatIsNotStatedIsDecidedByTheName) {
  const std::string header = "User principal name,Object Id,Block credential,User type\n";
  const auto guest = [&](std::string_view user, std::string_view type) {
    return pull("users.csv",
                header + std::string(user) + "," + std::string(ana_id) + ",False," + std::string(type) + "\n")
        .user(ana_id)
        .guest;
  };
  for (const char* unstated : {"", " ", "NULL", "Sonstiges"}) {
    EXPECT_EQ(guest("bo_x#EXT#@contoso.example", unstated), true) << unstated;
    EXPECT_EQ(guest("ana@contoso.example", unstated), false) << unstated;
  }
  EXPECT_EQ(guest("bo_x#EXT#@contoso.example", "Member"), false);
  EXPECT_EQ(guest("bo@contoso.example", "guest"), true);
  EXPECT_EQ(pull_rows("bo_x#EXT#@contoso.example," + std::string(ana_id) + ",False,,,\n").user(ana_id).guest, true);
}

}  // namespace
}  // namespace dvsync::source::file
