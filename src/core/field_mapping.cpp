#include "dvsync/core/field_mapping.hpp"

#include <algorithm>
#include <array>
#include <string>
#include <string_view>
#include <utility>

namespace dvsync::core {
namespace {

// A value as the column will hold it, in pieces that still lie in the identity or the row: comparing a row that is in
// line copies nothing.
class FieldValue {
 public:
  FieldValue() = default;
  FieldValue(std::string_view whole, std::size_t limit) : chunks_{cut_to(whole, limit)} {
    cut_ = chunks_.front().size() < whole.size();
    present_ = !is_blank(chunks_.front());  // judged as it would be stored: blank once cut is no value either
  }
  FieldValue(const std::array<std::string_view, 3>& pieces, std::size_t limit) {
    for (std::size_t i = 0; i < pieces.size(); ++i) {
      chunks_[i] = cut_to(pieces[i], limit);
      cut_ |= chunks_[i].size() < pieces[i].size();
      limit -= code_points_in(chunks_[i]);
    }
    present_ = !std::ranges::all_of(chunks_, is_blank);
  }

  [[nodiscard]] bool present() const { return present_; }
  [[nodiscard]] bool cut() const { return present_ && cut_; }
  [[nodiscard]] std::string_view first_piece() const { return present_ ? chunks_.front() : std::string_view{}; }

  [[nodiscard]] Text text() const {
    if (!present_) return std::nullopt;
    std::string text;
    for (const std::string_view piece : chunks_) text += piece;
    return text;
  }

  [[nodiscard]] bool is(const Text& stored) const {
    if (present_ != stored.has_value()) return false;
    if (!present_) return true;
    std::string_view rest = *stored;
    for (const std::string_view piece : chunks_) {
      if (!rest.starts_with(piece)) return false;
      rest.remove_prefix(piece.size());
    }
    return rest.empty();
  }

 private:
  std::array<std::string_view, 3> chunks_;
  bool present_ = false;
  bool cut_ = false;
};

FieldValue attribute_value(const Identity& identity, Attribute attribute, Column column) {
  const Text& value = identity.profile[attribute];
  return value ? FieldValue{*value, length_of(column)} : FieldValue{};
}

// The first of two attributes that has a value.
FieldValue first_of(const Identity& identity, Attribute preferred, Attribute fallback, Column column) {
  const FieldValue value = attribute_value(identity, preferred, column);
  return value.present() ? value : attribute_value(identity, fallback, column);
}

FieldValue first_name(const Identity& identity) {
  const FieldValue given = attribute_value(identity, Attribute::given_name, Column::firstname);
  return given.present() ? given : FieldValue{"#", 1};
}

// First and last name as the row holds them; empty where it holds none.
struct StoredNames {
  std::string_view first;
  std::string_view last;
};

FieldValue full_name(const FieldMapping& mapping, const Identity& identity, StoredNames names) {
  const bool named = attribute_value(identity, Attribute::given_name, Column::firstname).present() ||
                     attribute_value(identity, Attribute::surname, Column::lastname).present();
  if (!named) return first_of(identity, Attribute::display_name, Attribute::user_principal_name, Column::fullname);
  if (mapping.full_name_order == FullNameOrder::last_first) std::swap(names.first, names.last);
  const std::string_view blank = names.first.empty() || names.last.empty() ? "" : " ";
  return FieldValue{std::array{names.first, blank, names.last}, length_of(Column::fullname)};
}

FieldValue field_value(const FieldMapping& mapping, const Identity& identity, Column column, StoredNames names) {
  const auto plain = [&](Attribute attribute) { return attribute_value(identity, attribute, column); };
  using enum Column;
  switch (column) {
    case domainname:
      return plain(Attribute::user_principal_name);
    case firstname:
      return first_name(identity);
    case lastname:
      return plain(Attribute::surname);
    case fullname:
      return full_name(mapping, identity, names);
    case internalemailaddress:
      return first_of(identity, Attribute::mail, Attribute::user_principal_name, column);
    case jobtitle:
      return plain(Attribute::job_title);
    case address1_telephone1:
      return plain(Attribute::business_phone);
    case mobilephone:
      return plain(Attribute::mobile_phone);
    case homephone:
      return plain(Attribute::home_phone);
    case address1_fax:
      return plain(Attribute::fax_number);
    case address1_line1:
      return plain(Attribute::street_address);
    case address1_city:
      return plain(Attribute::city);
    case address1_stateorprovince:
      return plain(Attribute::state);
    case address1_postalcode:
      return plain(Attribute::postal_code);
    case address1_country:
      return plain(Attribute::country);
    case islicensed:
    case isdisabled:
    case disabledreason:
    case accessmode:
    case setupuser:
    case azurestate:
    case azuredeletedon:
    case invitestatuscode:
      break;  // not text
  }
  return {};
}

std::string_view stored(const SystemUser& row, Column column) {
  const Text& text = row[column];
  return text ? std::string_view{*text} : std::string_view{};
}

StoredNames names_in(const SystemUser& row) {
  return {.first = stored(row, Column::firstname), .last = stored(row, Column::lastname)};
}

// What becomes of one column at an update.
enum class Upkeep : std::uint8_t {
  leave,
  write,
  follow,   // until_edited: holds the value already though the sync never wrote it; from now on it counts as written
  give_up,  // until_edited: the first foreign edit
};

Upkeep until_edited(const Text& held, const FieldValue& wanted, const Written* known) {
  if (known == nullptr) return wanted.is(held) ? Upkeep::follow : Upkeep::leave;
  if (known->edited) return Upkeep::leave;
  if (known->value != held) return Upkeep::give_up;
  return wanted.is(held) ? Upkeep::leave : Upkeep::write;
}

Upkeep upkeep_of(UpdatePolicy policy, const Text& held, const FieldValue& wanted, const Written* known) {
  switch (policy) {
    case UpdatePolicy::always:
      return wanted.is(held) ? Upkeep::leave : Upkeep::write;
    case UpdatePolicy::until_edited:
      return until_edited(held, wanted, known);
    case UpdatePolicy::on_create:
    case UpdatePolicy::never:
      break;
  }
  return Upkeep::leave;
}

const Written* find_written(const std::vector<WrittenColumn>& known, Column column) {
  const auto found = std::ranges::find(known, column, &WrittenColumn::column);
  return found == known.end() ? nullptr : &found->written;
}

constexpr Column text_column(std::size_t index) { return static_cast<Column>(index); }

}  // namespace

MappedValue map_field(const FieldMapping& mapping, const Identity& identity, Column text_column) {
  const StoredNames names{.first = first_name(identity).first_piece(),
                          .last = attribute_value(identity, Attribute::surname, Column::lastname).first_piece()};
  const FieldValue value = field_value(mapping, identity, text_column, names);
  return {.value = value.text(), .cut = value.cut()};
}

void map_for_create(const FieldMapping& mapping, const Identity& identity, SystemUser& row, Columns& cut,
                    std::vector<WrittenColumn>& written) {
  for (std::size_t i = 0; i < text_column_count; ++i) {
    const Column column = text_column(i);
    const UpdatePolicy policy = mapping.policy(column);
    if (policy == UpdatePolicy::never) continue;
    // The names come before the full name: it is made of them as stored.
    const FieldValue value = field_value(mapping, identity, column, names_in(row));
    Text text = value.text();
    if (value.cut()) cut.add(column);
    if (policy == UpdatePolicy::until_edited) written.push_back({column, {.value = text, .edited = false}});
    row[column] = std::move(text);
  }
}

Columns outdated_fields(const FieldMapping& mapping, const Identity& identity, const SystemUser& row,
                        const std::vector<WrittenColumn>& known, std::vector<WrittenColumn>& written) {
  Columns outdated;
  StoredNames names = names_in(row);
  for (std::size_t i = 0; i < text_column_count; ++i) {
    const Column column = text_column(i);
    const UpdatePolicy policy = mapping.policy(column);
    if (policy == UpdatePolicy::never || policy == UpdatePolicy::on_create) continue;
    const FieldValue wanted = field_value(mapping, identity, column, names);
    const Written* known_value = policy == UpdatePolicy::until_edited ? find_written(known, column) : nullptr;
    const Upkeep upkeep = upkeep_of(policy, row[column], wanted, known_value);
    if (upkeep == Upkeep::write) {
      outdated.add(column);
      if (column == Column::firstname) names.first = wanted.first_piece();
      if (column == Column::lastname) names.last = wanted.first_piece();
    }
    if (upkeep == Upkeep::give_up) written.push_back({column, {.value = known_value->value, .edited = true}});
    const bool writes = upkeep == Upkeep::write && policy == UpdatePolicy::until_edited;
    if (writes || upkeep == Upkeep::follow) written.push_back({column, {.value = wanted.text(), .edited = false}});
  }
  return outdated;
}

void write_fields(const FieldMapping& mapping, const Identity& identity, Columns outdated, SystemUser& row,
                  Columns& cut) {
  for (std::size_t i = 0; i < text_column_count; ++i) {
    const Column column = text_column(i);
    if (!outdated.contains(column)) continue;
    const FieldValue value = field_value(mapping, identity, column, names_in(row));
    if (value.cut()) cut.add(column);
    row[column] = value.text();
  }
}

}  // namespace dvsync::core
