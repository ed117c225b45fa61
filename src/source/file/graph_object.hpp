#pragma once
// One object of a graph-jsonl file as far as it has been read: a user, a group or a directory role, or an answer that
// lists objects.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "dvsync/core/guid.hpp"
#include "dvsync/source/directory_source.hpp"
#include "source/graph_schema.hpp"
#include "source/graph_user.hpp"

namespace dvsync::source::file {

using Relation = MembershipRecord::Relation;

// An item of members@delta or owners@delta.
struct Link {
  Relation relation = Relation::member;
  std::optional<core::Guid> id;
  ObjectKind kind = ObjectKind::unstated;  // unstated: taken as a user
  bool removed = false;
};

// Links that come before the group's own id and type are held back up to this number; an object with more of them is
// read a second time when its end has told whose they are.
inline constexpr std::size_t links_held = 4'096;

// $expand yields no more than this of a list, and does not say whether there is more:
// https://learn.microsoft.com/graph/query-parameters#expand-parameter
inline constexpr std::size_t most_expanded = 20;

// One of an object's two lists of links.
struct LinkList {
  std::size_t links = 0;
  std::optional<std::uint64_t> count;  // how many there are, says the answer
  bool expanded = false;               // as $expand writes it
  bool goes_on = false;                // the rest is behind a nextLink

  [[nodiscard]] bool is_cut() const {
    return goes_on || (expanded && links == most_expanded) || (count && *count > links);
  }
};

struct GraphObject {
  explicit GraphObject(ExportedText* exported = nullptr) : user(exported) {}

  ObjectKind stated = ObjectKind::unstated;  // by @odata.type
  ObjectKind likely = ObjectKind::unstated;  // by the properties it has
  GraphUser user;                            // and what all kinds have: id, removal, the first fault
  std::optional<core::Guid> role_template;
  LinkList members;
  LinkList owners;
  bool link_fault = false;  // an item of a list of links without a usable id
  std::vector<Link> held;
  bool held_overflowed = false;
  bool goes_on = false;  // it has an @odata.nextLink of its own
  std::size_t item = 0;  // from 1: which object of an answer's "value" this is; 0: the line itself

  // Ready for the next object; keeps what is allocated.
  void begin(bool whole, std::size_t number);

  [[nodiscard]] LinkList& list(Relation relation) { return relation == Relation::member ? members : owners; }
  [[nodiscard]] const LinkList& list(Relation relation) const {
    return relation == Relation::member ? members : owners;
  }

  // It has this property: a hint at what it is, where it has no @odata.type.
  void note_kind(const GraphProperty& property);
  // The property has a text, a number, or null.
  void set(const GraphProperty& property, std::string_view value);
  void set(const GraphProperty& property, std::uint64_t value);
};

// A saved answer: {"value": [objects]}. Large lists come in pages, and a page says whether there is another.
struct SavedAnswer {
  ObjectKind kind = ObjectKind::unstated;  // of its objects, by @odata.context
  std::string context;
  std::size_t items = 0;
  std::optional<std::uint64_t> count;  // of the whole list, on its first page
  bool goes_on = false;

  void begin() { *this = {}; }
  // Whether the property tells something of the answer when it stands in one of its objects.
  [[nodiscard]] static bool is_told_by_objects(GraphKey key) {
    return key == GraphKey::count || key == GraphKey::odata_context;
  }
  void set(const GraphProperty& property, std::string_view value);
  void set(const GraphProperty& property, std::uint64_t value);
};

}  // namespace dvsync::source::file
