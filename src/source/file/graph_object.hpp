#pragma once
// One object of a graph-jsonl file: a user, a group or a directory role, as far as it has been read.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "dvsync/core/guid.hpp"
#include "dvsync/source/directory_source.hpp"
#include "source/graph_property.hpp"

namespace dvsync::source::file {

enum class ObjectKind : std::uint8_t { unknown, user, group, role, other };

// From "#microsoft.graph.user"; the "#" may be missing.
[[nodiscard]] ObjectKind object_kind(std::string_view odata_type);
// From "https://graph.microsoft.com/v1.0/$metadata#users(id)/$delta": what the objects of this answer are.
[[nodiscard]] ObjectKind object_kind_of_context(std::string_view odata_context);

// An item of members@delta or owners@delta.
struct Link {
  MembershipRecord::Relation relation = MembershipRecord::Relation::member;
  std::optional<core::Guid> id;
  ObjectKind kind = ObjectKind::unknown;  // unknown: not said, taken as a user
  bool removed = false;
};

// Links that come before the group's own id and type are held back up to this number; an object with more of them is
// read a second time when its end has told whose they are.
inline constexpr std::size_t links_held = 4'096;

// $expand yields no more than this of a list, and does not say whether there is more:
// https://learn.microsoft.com/graph/query-parameters#expand-parameter
inline constexpr std::size_t most_expanded = 20;

struct GraphObject {
  enum class Removal : std::uint8_t { none, changed, deleted };

  ObjectKind stated = ObjectKind::unknown;  // by @odata.type
  ObjectKind likely = ObjectKind::unknown;  // by the properties it has
  std::optional<core::Guid> id;
  bool id_is_unusable = false;
  std::optional<core::Guid> role_template;
  Removal removal = Removal::none;
  bool has_deletion_date = false;
  IdentityRecord user;
  std::string fault;        // a value of the wrong kind, in words
  bool link_fault = false;  // an item of a list of links without a usable id
  std::vector<Link> held;
  bool held_overflowed = false;
  bool links_may_be_cut = false;  // a list as long as $expand makes them at most
  std::size_t item = 0;           // from 1: which object of an answer's "value" this is; 0: the line itself

  // Ready for the next object; keeps what is allocated.
  void clear();
};

// What a property means for the object, once the parser has its value:
// The object has this property: a hint at what it is, where it has no @odata.type.
void note_kind(GraphObject& object, const GraphProperty& property);
// A text.
void set_property(GraphObject& object, const GraphProperty& property, std::string_view value);
// null.
void clear_property(GraphObject& object, const GraphProperty& property);
// The "reason" of "@removed".
void set_removal(GraphObject& object, std::string_view reason);
// A value of another type than the property has: a fault of the object, unless nobody reads the property.
void note_wrong_type(GraphObject& object, const GraphProperty& property);

}  // namespace dvsync::source::file
