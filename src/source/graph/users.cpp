#include "source/graph/users.hpp"

#include <algorithm>
#include <string_view>
#include <utility>

#include "source/graph/json.hpp"
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
  if (text == nullptr && !value.is_null()) throw WrongType{property};
  return text;
}

void read_text(IdentityRecord& record, Attribute attribute, const json::string* text) {
  text == nullptr ? clear_text(record, attribute) : set_text(record, attribute, view(*text));
}

void read_first_phone(IdentityRecord& record, const json::value& value) {
  const json::array* phones = value.if_array();
  const bool empty = value.is_null() || (phones != nullptr && phones->empty());
  if (!empty && (phones == nullptr || !phones->front().is_string())) throw WrongType{"businessPhones"};
  read_text(record, Attribute::business_phone, empty ? nullptr : phones->front().if_string());
}

void read_account_state(IdentityRecord& record, const json::value& value) {
  if (value.is_null()) {
    return;  // says nothing: the rules then know that the fact is missing
  }
  if (!value.is_bool()) throw WrongType{"accountEnabled"};
  record.account_enabled = value.get_bool();
}

// One pass over the members: there are several plans for every user.
std::optional<core::Guid> counting_plan(const json::value& plan) {
  const json::object* members = plan.if_object();
  if (members == nullptr) throw WrongType{"assignedPlans"};
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
  if (status != "Enabled" && status != "Warning") return std::nullopt;
  const auto guid = core::parse_guid(id);
  if (!guid) throw WrongType{"assignedPlans"};
  return guid;
}

// Plans that count are Enabled or Warning (RULES.md, Licences).
void read_plans(IdentityRecord& record, const json::value& value) {
  if (!value.is_null() && !value.is_array()) throw WrongType{"assignedPlans"};
  std::vector<core::Guid>& plans = record.plans.emplace();
  if (value.is_null()) return;
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
  if (value.is_null()) return;
  record.deleted_at = value.is_string() ? parse_timestamp(view(value.get_string())) : std::nullopt;
  if (!record.deleted_at) throw WrongType{"deletedDateTime"};
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

struct Place {
  std::string_view listing;
  std::size_t page;
  std::size_t item;

  [[nodiscard]] std::string words() const {
    return std::string(listing) + ", page " + std::to_string(page) + ", item " + std::to_string(item);
  }
};

void deliver(UserRecord record, const Place& place, Page& page) {
  if (auto* identity = std::get_if<IdentityRecord>(&record)) {
    page.identities.push_back(std::move(*identity));
    return;
  }
  auto& rejected = std::get<RejectedRecord>(record);
  rejected.where = place.words();
  page.rejected.push_back(std::move(rejected));
}

std::optional<core::Guid> id_of(const UserRecord& record) {
  if (const auto* identity = std::get_if<IdentityRecord>(&record)) return identity->object_id;
  return std::get<RejectedRecord>(record).object_id;
}

}  // namespace

UserRecord read_user(const json::value& object, bool whole) {
  if (!object.is_object()) return rejected(std::nullopt, "malformed", "not an object");
  const auto id = core::parse_guid(text_at(object, "id"));
  if (!id) return rejected(std::nullopt, "missing_object_id", "id is missing or not an object id");
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

UserReader::UserReader(Session& session, const std::string& link)
    : session_(session), query_(session.origin(), "the users", session.queries().users_delta(), link) {}

void UserReader::read(Page& page, const std::stop_token& stop) {
  const GraphAnswer answer = session_.client().send({.url = query_.next(), .body = {}}, stop);
  switch (query_.accept(answer)) {
    case DeltaReader::Outcome::page:
      take_page(answer, page);
      break;
    case DeltaReader::Outcome::started_over:
      seen_.start_over();
      pages_ = 0;
      break;
    case DeltaReader::Outcome::denied:
      throw failure(answer, "the users", "grant the application permission User.Read.All and admin consent");
    case DeltaReader::Outcome::missing:
      throw failure(answer, "the users");
  }
}

void UserReader::take_page(const GraphAnswer& answer, Page& page) {
  ++pages_;
  std::size_t item = 0;
  for (const boost::json::value& object : items_of(answer, "the users")) {
    UserRecord record = read_user(object, query_.initial());
    if (const auto id = id_of(record)) {
      seen_.add(*id);
    }
    deliver(std::move(record), {"users", pages_, ++item}, page);
  }
  if (query_.done() && query_.initial()) {
    report_vanished(page);
  }
}

void UserReader::report_vanished(Page& page) {
  for (const core::Guid& id : seen_.vanished()) {
    IdentityRecord gone;
    gone.object_id = id;
    gone.lifecycle = core::Lifecycle::gone;
    gone.whole = false;
    page.identities.push_back(std::move(gone));
  }
}

AccountStateReader::AccountStateReader(Session& session)
    : session_(session), listing_(session.origin(), "the users' account states", session.queries().account_states()) {}

void AccountStateReader::read(Page& page, const std::stop_token& stop) {
  const GraphAnswer answer = session_.client().send({.url = listing_.next(), .body = {}}, stop);
  if (!listing_.accept(answer)) {
    pages_ = 0;
    return;
  }
  ++pages_;
  std::size_t item = 0;
  for (const boost::json::value& object : items_of(answer, listing_.what())) {
    deliver(read_user(object, false), {"account states", pages_, ++item}, page);
  }
}

}  // namespace dvsync::source::graph
