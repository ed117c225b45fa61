#include "source/graph/user_record.hpp"

#include <algorithm>
#include <string_view>
#include <unordered_map>

#include "source/graph/json_document.hpp"
#include "source/graph/text_value.hpp"
#include "source/graph/timestamp.hpp"

namespace dvsync::source::graph {
namespace {

namespace json = boost::json;
using core::Attribute;

// A property that has another type than Graph's metadata gives it.
struct WrongType {
  std::string_view property;
};

class UserReader {
 public:
  explicit UserReader(IdentityRecord& record) : record_(record) {}

  void read(std::string_view key, const json::value& value);

 private:
  void read_text(Attribute attribute, const json::value& value);
  void read_first_phone(const json::value& value);
  void read_account_state(const json::value& value);
  void read_user_type(const json::value& value);
  void read_plans(const json::value& value);
  void read_deletion_time(const json::value& value);
  void state(Attribute attribute, const json::value* text);

  IdentityRecord& record_;
};

const std::unordered_map<std::string_view, Attribute>& text_properties() {
  static const std::unordered_map<std::string_view, Attribute> properties = [] {
    std::unordered_map<std::string_view, Attribute> map;
    for (const Attribute attribute :
         {Attribute::user_principal_name, Attribute::given_name, Attribute::surname, Attribute::display_name,
          Attribute::mail, Attribute::job_title, Attribute::mobile_phone, Attribute::fax_number,
          Attribute::street_address, Attribute::city, Attribute::state, Attribute::postal_code, Attribute::country}) {
      map.emplace(core::name_of(attribute), attribute);
    }
    return map;
  }();
  return properties;
}

void UserReader::read(std::string_view key, const json::value& value) {
  if (const auto text = text_properties().find(key); text != text_properties().end()) {
    read_text(text->second, value);
  } else if (key == "businessPhones") {
    read_first_phone(value);
  } else if (key == "accountEnabled") {
    read_account_state(value);
  } else if (key == "userType") {
    read_user_type(value);
  } else if (key == "assignedPlans") {
    read_plans(value);
  } else if (key == "deletedDateTime") {
    read_deletion_time(value);
  }
}

void UserReader::state(Attribute attribute, const json::value* text) {
  record_.stated.set(static_cast<std::size_t>(attribute));
  core::Text& target = record_.profile[attribute];
  target.reset();
  if (text == nullptr) {
    return;
  }
  const std::string_view content(text->get_string().data(), text->get_string().size());
  if (const std::string_view defect = defect_of(content); !defect.empty()) {
    record_.defect = std::string(core::name_of(attribute)) + " " + std::string(defect);
  } else {
    target.emplace(content);
  }
}

void UserReader::read_text(Attribute attribute, const json::value& value) {
  if (!value.is_null() && !value.is_string()) {
    throw WrongType{core::name_of(attribute)};
  }
  state(attribute, value.is_null() ? nullptr : &value);
}

void UserReader::read_first_phone(const json::value& value) {
  const json::array* phones = value.if_array();
  const bool empty = value.is_null() || (phones != nullptr && phones->empty());
  if (!empty && (phones == nullptr || !phones->front().is_string())) {
    throw WrongType{"businessPhones"};
  }
  state(Attribute::business_phone, empty ? nullptr : &phones->front());
}

void UserReader::read_account_state(const json::value& value) {
  if (value.is_null()) {
    return;  // says nothing: the rules then know that the fact is missing
  }
  if (!value.is_bool()) {
    throw WrongType{"accountEnabled"};
  }
  record_.account_enabled = value.get_bool();
}

void UserReader::read_user_type(const json::value& value) {
  if (!value.is_null() && !value.is_string()) {
    throw WrongType{"userType"};
  }
  record_.guest = value.is_string() && value.get_string() == "Guest";
}

// Plans that count are Enabled or Warning (RULES.md, Licences).
void UserReader::read_plans(const json::value& value) {
  std::vector<core::Guid> plans;
  if (!value.is_null()) {
    if (!value.is_array()) {
      throw WrongType{"assignedPlans"};
    }
    for (const json::value& plan : value.get_array()) {
      const std::string_view status = text_at(plan, "capabilityStatus");
      if (status != "Enabled" && status != "Warning") {
        continue;
      }
      const auto id = core::parse_guid(text_at(plan, "servicePlanId"));
      if (!id) {
        throw WrongType{"assignedPlans"};
      }
      plans.push_back(*id);
    }
  }
  std::sort(plans.begin(), plans.end());
  plans.erase(std::unique(plans.begin(), plans.end()), plans.end());
  record_.plans = std::move(plans);
}

void UserReader::read_deletion_time(const json::value& value) {
  if (value.is_null()) {
    return;
  }
  record_.deleted_at = value.is_string() ? parse_timestamp(value.get_string()) : std::nullopt;
  if (!record_.deleted_at) {
    throw WrongType{"deletedDateTime"};
  }
  record_.lifecycle = core::Lifecycle::soft_deleted;
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
    UserReader reader(record);
    for (const auto& [key, value] : object.get_object()) {
      reader.read({key.data(), key.size()}, value);
    }
  } catch (const WrongType& wrong) {
    return rejected(id, "malformed", std::string(wrong.property) + " has an unexpected type");
  }
  return record;
}

}  // namespace dvsync::source::graph
