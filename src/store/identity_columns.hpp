#pragma once
// The columns of our.identity, in one table: statements that stage, merge, load or read identities are built from it.

#include <array>
#include <string>
#include <string_view>

#include "dvsync/core/identity.hpp"

namespace dvsync::store::identity_columns {

struct Column {
  std::string_view name;
  bool evaluated = true;  // a change of it is a change of the identity: environments look at the user again
};

// What a record says besides the profile, in the order in which records are copied.
inline constexpr std::array<Column, 10> facts{{{"lifecycle"},
                                               {"deleted_at"},
                                               {"account_enabled"},
                                               {"account_expires"},
                                               {"guest"},
                                               {"agent"},
                                               {"plan_set"},
                                               {"defect"},
                                               {"distinguished_name", false},
                                               {"login", false}}};

// In the order of core::Attribute, which is the order of the bits of `stated` too.
inline constexpr std::array<std::string_view, core::attribute_count> profile{
    "user_principal_name", "given_name",     "surname",      "display_name", "mail",
    "job_title",           "business_phone", "mobile_phone", "home_phone",   "fax_number",
    "street_address",      "city",           "state",        "postal_code",  "country"};

// "i.user_principal_name, i.given_name, …" for the prefix "i.".
[[nodiscard]] std::string profile_list(std::string_view prefix = {});

// All facts and the profile, as a record is copied and merged.
[[nodiscard]] std::string record_list(std::string_view prefix = {});

// Those of a record_list() whose change counts.
[[nodiscard]] std::string evaluated_list(std::string_view prefix);

// "lifecycle = excluded.lifecycle, …" for all of a record_list().
[[nodiscard]] std::string assignments_from_excluded();

}  // namespace dvsync::store::identity_columns
