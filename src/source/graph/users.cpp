#include "source/graph/users.hpp"

#include <string_view>
#include <utility>

#include "source/graph/json.hpp"

namespace dvsync::source::graph {
namespace {

namespace json = boost::json;

std::string_view view(const json::string& text) { return {text.data(), text.size()}; }

void read_phones(GraphUser& user, const GraphProperty& property, const json::array& phones) {
  user.begin_phones();
  for (const json::value& phone : phones) {
    if (phone.is_string()) {
      user.add_phone(view(phone.get_string()));
    } else if (!phone.is_null()) {
      user.set_other(property);
    }
  }
  user.end_phones();
}

// One pass over the members: there are several plans for every user.
void read_plan(GraphUser& user, const json::object& plan) {
  std::string_view id;
  std::string_view status;
  for (const auto& [key, value] : plan) {
    const json::string* text = value.if_string();
    if (text != nullptr && key == "servicePlanId") {
      id = view(*text);
    } else if (text != nullptr && key == "capabilityStatus") {
      status = view(*text);
    }
  }
  user.add_plan(id, status);
}

void read_plans(GraphUser& user, const GraphProperty& property, const json::array& plans) {
  user.begin_plans();
  for (const json::value& plan : plans) {
    if (plan.is_object()) {
      read_plan(user, plan.get_object());
    } else if (plan.is_string()) {
      user.add_plan(view(plan.get_string()));
    } else if (!plan.is_null()) {
      user.set_other(property);
    }
  }
  user.end_plans();
}

void read_property(GraphUser& user, const GraphProperty& property, const json::value& value) {
  if (value.is_string()) {
    user.set(property, view(value.get_string()));
  } else if (value.is_null()) {
    user.set_null(property);
  } else if (value.is_bool()) {
    user.set(property, value.get_bool());
  } else if (property.key == GraphKey::business_phones && value.is_array()) {
    read_phones(user, property, value.get_array());
  } else if (property.key == GraphKey::assigned_plans && value.is_array()) {
    read_plans(user, property, value.get_array());
  } else if (property.key == GraphKey::removed && value.is_object()) {
    user.set_removal(text_at(value, "reason"));
  } else {
    user.set_other(property);
  }
}

struct Place {
  std::string_view listing;
  std::size_t page;
  std::size_t item;

  [[nodiscard]] std::string words() const {
    return std::string(listing) + ", page " + std::to_string(page) + ", item " + std::to_string(item);
  }
};

// Adds the object to `page`; the id that it told of.
std::optional<core::Guid> take_object(const json::value& object, bool whole, const Place& place, Page& page) {
  if (graph_type(text_at(object, "@odata.type")).kind == ObjectKind::unknown) {
    const auto id = core::parse_guid(text_at(object, "id"));
    page.unknown_objects.push_back({.object_id = id, .where = place.words(), .reason = {}, .detail = {}});
    return id;
  }
  auto record = read_user(object, whole);
  if (auto* identity = std::get_if<IdentityRecord>(&record)) {
    page.identities.push_back(std::move(*identity));
    return page.identities.back().object_id;
  }
  auto& rejected = page.rejected.emplace_back(std::move(std::get<RejectedRecord>(record)));
  rejected.where = place.words();
  return rejected.object_id;
}

}  // namespace

std::variant<IdentityRecord, RejectedRecord> read_user(const json::value& object, bool whole) {
  if (!object.is_object()) {
    return RejectedRecord{.object_id = {}, .where = {}, .reason = "malformed", .detail = "not an object"};
  }
  GraphUser user;
  user.begin(whole);
  user.set_agent(graph_type(text_at(object, "@odata.type")).agent);
  for (const auto& [key, value] : object.get_object()) {
    read_property(user, *find_graph_property({key.data(), key.size()}), value);
  }
  if (auto rejected = user.finish()) return std::move(*rejected);
  return user.take();
}

UserReader::UserReader(Session& session, StoredLink link)
    : session_(session), query_(session.origin(), "the users", session.queries().users_delta(), std::move(link)) {}

void UserReader::read(Page& page, const std::stop_token& stop) {
  const GraphAnswer answer = session_.client().send({.url = query_.next(), .body = {}}, stop);
  switch (query_.accept(answer)) {
    case Outcome::page:
      take_page(answer, page);
      break;
    case Outcome::started_over:
      seen_.start_over();
      pages_ = 0;
      break;
    case Outcome::refused:
      throw failure(answer, "the users",
                    answer.status == 403 ? "grant the application permission User.Read.All and admin consent" : "");
  }
}

void UserReader::take_page(const GraphAnswer& answer, Page& page) {
  ++pages_;
  std::size_t item = 0;
  for (const json::value& object : items_of(answer, "the users")) {
    if (const auto id = take_object(object, query_.initial(), {"users", pages_, ++item}, page)) seen_.add(*id);
  }
  if (query_.done() && query_.initial()) report_vanished(page);
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
  switch (listing_.accept(answer)) {
    case Outcome::page:
      break;
    case Outcome::started_over:
      pages_ = 0;
      return;
    case Outcome::refused:
      throw failure(answer, listing_.what());
  }
  ++pages_;
  std::size_t item = 0;
  for (const json::value& object : items_of(answer, listing_.what())) {
    take_object(object, false, {"account states", pages_, ++item}, page);
  }
}

}  // namespace dvsync::source::graph
