#pragma once
// What a property of a Graph object means for the object: the values, once the parser has them.

#include <string_view>

#include "source/file/graph_object.hpp"
#include "source/graph_property.hpp"

namespace dvsync::source::file {

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
