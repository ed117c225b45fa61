#include "source/graph/user_record.hpp"

#include <algorithm>
#include <string_view>

#include "source/graph/json_document.hpp"
#include "source/graph_property.hpp"
#include "source/text_value.hpp"
#include "source/timestamp.hpp"

namespace dvsync::source::graph {
namespace {

namespace json = boost::json;
using core::Attribute;

// A property that has another type than Graph's metadata gives it.
struct WrongType {
  std::string_view property;
};

std::string_view view(const json::string& text) { return {text.data(), text.size()}; }

// The text; nullptr: no value.
const json::string* text_or_null(const json::value& value, std::string_view property) {
  const json::string* text = value.if_string();
  if (text == nullptr && !value.is_null()) {
    throw WrongType{property};
  }
  return text;
}

void read_text(IdentityRecord& record, Attribute attribute, const json::string* text) {
  text == nullptr ? clear_text(record, attribute) : set_text(record, attribute, view(*text));
}

void read_first_phone(IdentityRecord& record, const json::value& value) {
  const json::array* phones = value.if_array();
  const bool empty = value.is_null() || (phones != nullptr && phones->empty());
  if (!empty && (phones == nullptr || !phones->front().is_string())) {
    throw WrongType{"businessPhones"};
  }
  read_text(record, Attribute::business_phone, empty ? nullptr : phones->front().if_string());
}

void read_account_state(IdentityRecord& record, const json::value& value) {
  if (value.is_null()) {
    return;  // says nothing: the rules then know that the fact is missing
  }
  if (!value.is_bool()) {
    throw WrongType{"accountEnabled"};
  }
  record.account_enabled = value.get_bool();
}

// One pass over the members: there are several plans for every user.
std::optional<core::Guid> counting_plan(const json::value& plan) {
  const json::object* members = plan.if_object();
  if (members == nullptr) {
    throw WrongType{"assignedPlans"};
  }
  std::string_view id;
  std::string_view status;
  for (const auto& [key, value] : *members) {
    const json::string* text = value.if_string();
    if (text != nullptr && key == "servicePlanId") {
      id = view(*text);
    } else if (text != nullptr && key == "capabilityStatus") {
      status = view(*text);
    }
  }
  if (status != "Enabled" && status != "Warning") {
    return std::nullopt;
  }
  const auto guid = core::parse_guid(id);
  if (!guid) {
    throw WrongType{"assignedPlans"};
  }
  return guid;
}

// Plans that count are Enabled or Warning (docs/rules.md, Licences).
void read_plans(IdentityRecord& record, const json::value& value) {
  if (!value.is_null() && !value.is_array()) {
    throw WrongType{"assignedPlans"};
  }
  std::vector<core::Guid>& plans = record.plans.emplace();
  if (value.is_null()) {
    return;
  }
  plans.reserve(value.get_array().size());
  for (const json::value& plan : value.get_array()) {
    if (const auto id = counting_plan(plan)) {
      plans.push_back(*id);
    }
  }
  std::sort(plans.begin(), plans.end());
  plans.erase(std::unique(plans.begin(), plans.end()), plans.end());
}

void read_deletion_time(IdentityRecord& record, const json::value& value) {
  if (value.is_null()) {
    return;
  }
  record.deleted_at = value.is_string() ? parse_timestamp(view(value.get_string())) : std::nullopt;
  if (!record.deleted_at) {
    throw WrongType{"deletedDateTime"};
  }
  record.lifecycle = core::Lifecycle::soft_deleted;
}

void read_property(IdentityRecord& record, const GraphProperty& property, const json::value& value) {
  switch (property.key) {
    case GraphKey::attribute:
      read_text(record, property.attribute, text_or_null(value, property.name));
      break;
    case GraphKey::business_phones:
      read_first_phone(record, value);
      break;
    case GraphKey::account_enabled:
      read_account_state(record, value);
      break;
    case GraphKey::user_type: {
      const json::string* type = text_or_null(value, property.name);
      record.guest = type != nullptr && *type == "Guest";
      break;
    }
    case GraphKey::assigned_plans:
      read_plans(record, value);
      break;
    case GraphKey::deleted_date_time:
      read_deletion_time(record, value);
      break;
    default:
      break;
  }
}

// "changed": in the recycle bin, restorable. "deleted": gone for good.
core::Lifecycle lifecycle_of(const json::value& removed) {
  return text_at(removed, "reason") == "deleted" ? core::Lifecycle::gone : core::Lifecycle::soft_deleted;
}

RejectedRecord rejected(std::optional<core::Guid> id, std::string reason, std::string detail) {
  return {.object_id = id, .where = {}, .reason = std::move(reason), .detail = std::move(detail)};
}

}  // namespace

UserRecord read_user(const json::value& object, bool whole) {
  if (!object.is_object()) {
    return rejected(std::nullopt, "malformed", "not an object");
  }
  const auto id = core::parse_guid(text_at(object, "id"));
  if (!id) {
    return rejected(std::nullopt, "missing_object_id", "id is missing or not an object id");
  }
  IdentityRecord record;
  record.object_id = *id;
  record.whole = whole;
  if (const json::value* removed = find(object, "@removed")) {
    record.lifecycle = lifecycle_of(*removed);
    record.whole = false;
    return record;
  }
  try {
    for (const auto& [key, value] : object.get_object()) {
      read_property(record, *find_graph_property({key.data(), key.size()}), value);
    }
  } catch (const WrongType& wrong) {
    return rejected(id, "malformed", std::string(wrong.property) + " has an unexpected type");
  }
  return record;
}

}  // namespace dvsync::source::graph
