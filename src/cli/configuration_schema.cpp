#include "configuration_schema.hpp"

#include <algorithm>
#include <string>
#include <vector>

namespace dvsync::cli {
namespace {

namespace json = boost::json;
using config::Outline;
using config::Shape;

json::object of_value(const Shape& shape) {
  if (!shape.words.empty()) return {{"enum", json::array(shape.words.begin(), shape.words.end())}};
  switch (shape.kind) {
    case Shape::Kind::scalar:
      break;
    case Shape::Kind::text:
      return {{"type", "string"}, {"pattern", "^" + shape.pattern + "$"}};
    case Shape::Kind::flag:
      return {{"type", "boolean"}};
    case Shape::Kind::whole_number:
      return {{"type", "integer"}, {"minimum", shape.least}, {"maximum", shape.most}};
    case Shape::Kind::number:
      return {{"type", "number"}, {"minimum", shape.least}, {"maximum", shape.most}};
  }
  // An editor reads `schema: 2024` as a number; the program takes any value as it is written.
  json::object scalar{{"type", json::array{"string", "number", "boolean"}}};
  if (!shape.may_be_empty) scalar["minLength"] = 1;
  return scalar;
}

json::object of_form(Outline::Form form, const Shape& shape) {
  if (form == Outline::Form::value) return of_value(shape);
  return {{"type", "array"}, {"items", of_value(shape)}};
}

json::object of_section(const Outline& outline);

json::object of_key(const Outline::Key& key) {
  if (key.form == Outline::Form::section) return of_section(*key.below.front());
  auto schema = key.form == Outline::Form::sections
                    ? json::object{{"type", key.required ? json::value("array") : json::value{"array", "null"}},
                                   {"items", of_section(*key.below.front())}}
                    : of_form(key.form, key.shape);
  if (key.form != Outline::Form::value && key.required) schema["minItems"] = 1;
  return schema;
}

// The keys beside one value of `type`; empty: a section without a `type` that decides.
json::object of_keys(const Outline& outline, std::string_view type) {
  json::object properties;
  json::array required;
  for (const auto& key : outline.keys) {
    if (!key.of_type.empty() && key.of_type != type) continue;
    properties[key.name] = !type.empty() && key.name == "type" ? json::object{{"const", type}} : of_key(key);
    if (key.required) required.emplace_back(key.name);
  }
  json::object schema{{"type", required.empty() ? json::value{"object", "null"} : json::value("object")}};
  if (!required.empty()) schema["required"] = std::move(required);
  schema["properties"] = std::move(properties);
  schema["additionalProperties"] =
      outline.others ? json::value(of_form(outline.others->form, outline.others->shape)) : json::value(false);
  return schema;
}

std::vector<std::string> types_of(const Outline& outline) {
  std::vector<std::string> types;
  for (const auto& key : outline.keys) {
    if (!key.of_type.empty() && std::ranges::find(types, key.of_type) == types.end()) types.push_back(key.of_type);
  }
  return types;
}

json::object of_section(const Outline& outline) {
  const auto types = types_of(outline);
  if (types.empty()) return of_keys(outline, "");
  json::array each;
  for (const auto& type : types) each.push_back(of_keys(outline, type));
  return {{"oneOf", std::move(each)}};
}

// Objects in lines; what holds no object stays in one.
void write(std::string& text, const json::value& value, std::size_t indent) {
  const auto* object = value.if_object();
  const auto* array = value.if_array();
  const bool of_objects = array != nullptr && !array->empty() && array->front().is_object();
  if ((object == nullptr || object->empty()) && !of_objects) {
    text += json::serialize(value);
    return;
  }
  const auto line = [&](std::size_t depth) { return "\n" + std::string(depth, ' '); };
  bool first = true;
  const auto begin = [&](const std::string& label, const json::value& one) {
    text += (first ? "" : ",") + line(indent + 2) + label;
    first = false;
    write(text, one, indent + 2);
  };
  text += object != nullptr ? "{" : "[";
  if (object != nullptr) {
    for (const auto& [key, one] : *object) begin(json::serialize(json::string(key)) + ": ", one);
  } else {
    for (const auto& one : *array) begin("", one);
  }
  text += line(indent) + (object != nullptr ? "}" : "]");
}

}  // namespace

std::string schema_text(const Outline& configuration) {
  std::string text;
  write(text, schema_of(configuration), 0);
  return text + "\n";
}

json::object schema_of(const Outline& configuration) {
  json::object schema{{"$schema", "http://json-schema.org/draft-07/schema#"}, {"title", "dvsync.yaml"}};
  for (auto& [key, value] : of_section(configuration)) schema[key] = value;
  return schema;
}

}  // namespace dvsync::cli
