#pragma once
// The columns of our.systemuser, in one table: statements that read, create or write rows are built from it, and a
// foreign table is compared with it.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "dvsync/core/system_user.hpp"

namespace dvsync::store::system_user_columns {

enum class Kind : std::uint8_t { text, uuid, boolean, small, big, time };
enum class Written : std::uint8_t {
  never,
  at_creation,
  always,
};

struct Column {
  std::string_view name;
  Kind kind;
  Written written;
};

// Every column that is read or written: those that name a row, the columns of core::Column, and who wrote when.
[[nodiscard]] const std::vector<Column>& all();

[[nodiscard]] bool contains(std::string_view name);

// The columns of core::Column, in its order: "domainname, firstname, …". Each `{}` of the form is a name.
[[nodiscard]] std::string rule_columns(std::string_view form = "{}");

// The same, as a table of ours has them: "domainname text, …, invitestatuscode smallint".
[[nodiscard]] std::string rule_column_definitions();

// What row_from() reads, for SELECT … FROM our.systemuser u.
[[nodiscard]] const std::string& select_list();

// Whether a binary value of this kind goes as it is into a column of this type, by PostgreSQL's own numbers.
[[nodiscard]] bool goes_into(Kind kind, std::uint32_t type);

}  // namespace dvsync::store::system_user_columns
