#include "source/graph/user_round.hpp"

#include <utility>

#include "source/graph/user_record.hpp"

namespace dvsync::source::graph {
namespace {

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
  if (const auto* identity = std::get_if<IdentityRecord>(&record)) {
    return identity->object_id;
  }
  return std::get<RejectedRecord>(record).object_id;
}

}  // namespace

UserRound::UserRound(Session& session, const std::string& link)
    : session_(session), query_(session.origin(), "the users", session.queries().users_delta(), link) {}

void UserRound::read(Page& page, const std::stop_token& stop) {
  const Answer answer = session_.client().send({.url = query_.next(), .body = {}}, stop);
  switch (query_.accept(answer)) {
    case DeltaQuery::Outcome::page:
      take_page(answer, page);
      break;
    case DeltaQuery::Outcome::started_over:
      named_.start_over();
      pages_ = 0;
      break;
    case DeltaQuery::Outcome::denied:
      throw failure(answer, "the users", "grant the application permission User.Read.All and admin consent");
    case DeltaQuery::Outcome::missing:
      throw failure(answer, "the users");
  }
}

void UserRound::take_page(const Answer& answer, Page& page) {
  ++pages_;
  std::size_t item = 0;
  for (const boost::json::value& object : items_of(answer, "the users")) {
    UserRecord record = read_user(object, query_.initial());
    if (const auto id = id_of(record)) {
      named_.add(*id);
    }
    deliver(std::move(record), {"users", pages_, ++item}, page);
  }
  if (query_.done() && query_.initial()) {
    report_vanished(page);
  }
}

void UserRound::report_vanished(Page& page) {
  for (const core::Guid& id : named_.vanished()) {
    IdentityRecord gone;
    gone.object_id = id;
    gone.lifecycle = core::Lifecycle::gone;
    gone.whole = false;
    page.identities.push_back(std::move(gone));
  }
}

AccountStateRound::AccountStateRound(Session& session)
    : session_(session), listing_(session.origin(), "the users' account states", session.queries().account_states()) {}

void AccountStateRound::read(Page& page, const std::stop_token& stop) {
  const Answer answer = session_.client().send({.url = listing_.next(), .body = {}}, stop);
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
