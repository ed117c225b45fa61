#pragma once
// Field mapping: which value each text column should hold for an identity, and whether it may be written
// (docs/rules.md, Fields, Mapping presets, D9, D11). Pure.
//
// The full name's order last_first is last, a blank, first, without a comma.

#include <vector>

#include "dvsync/core/environment.hpp"
#include "dvsync/core/identity.hpp"
#include "dvsync/core/system_user.hpp"
#include "dvsync/core/text.hpp"

namespace dvsync::core {

// A value as the column will hold it: blank is none, over-long is cut (in code points).
struct MappedValue {
  Text value;
  bool cut = false;
  bool operator==(const MappedValue&) const = default;
};

// What the sync last wrote into a column with the policy `until_edited`.
struct Written {
  Text value;
  bool edited = false;  // somebody else edited the column since: never written again
  bool operator==(const Written&) const = default;
};
struct WrittenColumn {
  Column column;
  Written written;
  bool operator==(const WrittenColumn&) const = default;
};

// The value of a new row, whatever the column's policy.
[[nodiscard]] MappedValue map_field(const FieldMapping& mapping, const Identity& identity, Column text_column);

// Sets the text columns of `row` as for a new row. Adds to `cut` the columns whose values were cut, and to `written`
// what has to be remembered for `until_edited`.
void map_for_create(const FieldMapping& mapping, const Identity& identity, SystemUser& row, Columns& cut,
                    std::vector<WrittenColumn>& written);

// The text columns of `row` that have to be written, each by its policy. `known` is what the sync last wrote
// (until_edited). What has to be remembered anew is added to `written`, also for columns that stay as they are.
// Nothing is copied as long as every column is in line.
[[nodiscard]] Columns outdated_fields(const FieldMapping& mapping, const Identity& identity, const SystemUser& row,
                                      const std::vector<WrittenColumn>& known, std::vector<WrittenColumn>& written);

// Writes the `outdated` columns of `row`, and adds to `cut` the columns whose values were cut.
void write_fields(const FieldMapping& mapping, const Identity& identity, Columns outdated, SystemUser& row,
                  Columns& cut);

}  // namespace dvsync::core
