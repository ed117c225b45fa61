#include "tenant.hpp"

#include <array>
#include <cstddef>
#include <cstdio>

namespace dvsync::bench {
namespace {

struct Name {
  std::string_view written;
  std::string_view ascii;
};

constexpr std::array given_names{
    Name{"Ana", "ana"},         Name{"Åse", "ase"},         Name{"Jürgen", "jurgen"},   Name{"Zofia", "zofia"},
    Name{"José", "jose"},       Name{"Nguyễn", "nguyen"},   Name{"美咲", "misaki"},     Name{"Олена", "olena"},
    Name{"Søren", "soren"},     Name{"Amélie", "amelie"},   Name{"Priya", "priya"},     Name{"Mohammed", "mohammed"},
    Name{"İbrahim", "ibrahim"}, Name{"Γιώργος", "giorgos"}, Name{"Siobhán", "siobhan"}, Name{"John", "john"},
    Name{"Mary", "mary"},       Name{"Wei", "wei"},         Name{"Lars", "lars"},       Name{"Fatima", "fatima"},
};

constexpr std::array surnames{
    Name{"Li", "li"},           Name{"Lindström", "lindstrom"},
    Name{"Müller", "muller"},   Name{"Kowalska", "kowalska"},
    Name{"Núñez", "nunez"},     Name{"Trần", "tran"},
    Name{"佐藤", "sato"},       Name{"Шевченко", "shevchenko"},
    Name{"Ødegård", "odegard"}, Name{"Dubois", "dubois"},
    Name{"Sharma", "sharma"},   Name{"al-Farsi", "alfarsi"},
    Name{"Yılmaz", "yilmaz"},   Name{"O'Brien", "obrien"},
    Name{"Smith", "smith"},     Name{"van der Berg", "vanderberg"},
    Name{"Žižka", "zizka"},     Name{"Andersson", "andersson"},
    Name{"Rossi", "rossi"},     Name{"Papadopoulos", "papadopoulos"},
};

constexpr std::array<std::string_view, 12> titles{
    "Account Manager",           "Sales Representative", "Software Engineer", "Support Specialist",
    "Head of Purchasing",        "Controller",           "Field Technician",  "Geschäftsführer",
    "Technicien de maintenance", "HR Partner",           "Warehouse Lead",    "Project Manager"};

struct Place {
  std::string_view street;
  std::string_view city;
  std::string_view state;
  std::string_view country;
};
constexpr std::array places{
    Place{"Storgata", "Oslo", "", "Norway"},
    Place{"Hauptstraße", "München", "Bayern", "Germany"},
    Place{"Rue de l'Église", "Lyon", "Auvergne-Rhône-Alpes", "France"},
    Place{"Main Street", "Redmond", "WA", "United States"},
    Place{"Calle Mayor", "Logroño", "La Rioja", "Spain"},
    Place{"千代田", "東京", "東京都", "Japan"},
    Place{"Building \"B\", Harbour Road", "Dublin", "Leinster", "Ireland"},
};

// Purposes of random numbers.
enum Purpose : std::uint64_t {
  id_high,
  id_low,
  given,
  family,
  title,
  place,
  number,
  guest,
  plans,
  state_of_account,
  change,
  group_base,
};

// splitmix64 (Steele, Lea, Flood 2014).
std::uint64_t mix(std::uint64_t value) {
  value += 0x9e3779b97f4a7c15U;
  value = (value ^ (value >> 30U)) * 0xbf58476d1ce4e5b9U;
  value = (value ^ (value >> 27U)) * 0x94d049bb133111ebU;
  return value ^ (value >> 31U);
}

std::string printed(const char* format, std::uint64_t a, std::uint64_t b = 0) {
  std::array<char, 64> text{};
  std::snprintf(text.data(), text.size(), format, static_cast<unsigned long long>(a),
                static_cast<unsigned long long>(b));
  return text.data();
}

std::string guid_text(std::uint64_t high, std::uint64_t low) {
  high = (high & 0xffffffffffff0fffU) | 0x4000U;  // version 4
  low = (low & 0x3fffffffffffffffU) | 0x8000000000000000U;
  const std::string digits = printed("%016llx%016llx", high, low);
  return digits.substr(0, 8) + '-' + digits.substr(8, 4) + '-' + digits.substr(12, 4) + '-' + digits.substr(16, 4) +
         '-' + digits.substr(20);
}

template <class Table>
const auto& pick(const Table& table, std::uint64_t random) {
  return table[static_cast<std::size_t>(random % table.size())];
}

}  // namespace

std::uint64_t Tenant::random(std::uint64_t index, std::uint64_t purpose) const {
  return mix(mix(mix(options_.seed) ^ index) ^ (purpose * 0xd1342543de82ef95U));
}

bool Tenant::falls(std::uint64_t index, std::uint64_t purpose, double percent) const {
  constexpr std::uint64_t parts = 1'000'000;
  return static_cast<double>(random(index, purpose) % parts) < percent * static_cast<double>(parts) / 100;
}

bool Tenant::is_changed(std::uint64_t index) const { return falls(index, change, options_.change); }

bool Tenant::is_member(std::uint64_t index, std::uint64_t group) const {
  return falls(index, group_base + group, options_.group_share);
}

std::string Tenant::user_id(std::uint64_t index) const {
  return guid_text(random(index, id_high), random(index, id_low));
}

std::string Tenant::group_id(std::uint64_t group) { return printed("3f6b2c1e-0000-4000-8000-%012llx", group); }

TenantUser Tenant::user(std::uint64_t index, bool changed) const {
  const Name& first = pick(given_names, random(index, given));
  const Name& last = pick(surnames, random(index, family));
  const Place& home = pick(places, random(index, place));
  const std::uint64_t digits = random(index, number);
  const std::uint64_t share = random(index, plans) % 100'000;
  TenantUser user;
  user.id = user_id(index);
  user.guest = falls(index, guest, options_.guests);
  user.user_name = std::string(first.ascii) + '.' + std::string(last.ascii) + std::to_string(index) +
                   (user.guest ? "_fabrikam.example#EXT#@contoso.example" : "@contoso.example");
  user.given_name = first.written;
  user.surname = last.written;
  user.display_name = user.given_name + ' ' + user.surname;
  user.job_title = pick(titles, random(index, title) + (changed ? 1 : 0));
  user.business_phone = printed("+47 22 %02llu %02llu 00", digits % 90 + 10, digits / 90 % 90 + 10);
  user.mobile_phone = printed("+47 9%02llu %05llu", digits / 8'100 % 100, digits / 810'000 % 100'000);
  user.street = std::string(home.street) + ' ' + std::to_string(digits % 199 + (changed ? 201 : 1));
  user.city = home.city;
  user.state = home.state;
  user.postal_code = printed("%05llu", digits % 90'000 + 10'000);
  user.country = home.country;
  user.enabled = !falls(index, state_of_account, options_.disabled);
  if (static_cast<double>(share) < options_.unlicensed * 1'000) {
    user.plans = Plans::none;
  } else if (static_cast<double>(share) < (options_.unlicensed + options_.free) * 1'000) {
    user.plans = Plans::free;
  }
  return user;
}

}  // namespace dvsync::bench
