#pragma once
// The users of one pull: the readers of a delta round and, where asked for, of the independent look at account states.

#include <boost/json.hpp>
#include <cstdint>
#include <string>
#include <variant>

#include "source/graph/delta.hpp"
#include "source/graph/session.hpp"
#include "source/graph_user.hpp"

namespace dvsync::source::graph {

// `whole`: the object comes from a listing of everything, so that what it does not state is empty. A removed one
// ("@removed", or a deletedDateTime without a name) never is.
[[nodiscard]] std::variant<IdentityRecord, RejectedRecord> read_user(const boost::json::value& object, bool whole);

// The key of the users' delta link in the cursor.
inline constexpr std::string_view users_cursor = "users";

class UserReader {
 public:
  // Without a link: everything from scratch.
  UserReader(Session& session, StoredLink link);

  [[nodiscard]] bool done() const { return query_.done(); }
  // Adds the next page to `page`.
  void read(Page& page, const std::stop_token& stop);

  // Once done:
  [[nodiscard]] Completeness completeness() const {
    return query_.initial() ? Completeness::complete : Completeness::changes;
  }
  [[nodiscard]] const std::string& delta_link() const { return query_.delta_link(); }

 private:
  void take_page(const GraphAnswer& answer, Page& page);
  void report_vanished(Page& page);

  Session& session_;
  DeltaReader query_;
  SeenSet<core::Guid> seen_;
  std::size_t pages_ = 0;
};

class AccountStateReader {
 public:
  explicit AccountStateReader(Session& session);

  [[nodiscard]] bool done() const { return listing_.done(); }
  void read(Page& page, const std::stop_token& stop);

 private:
  Session& session_;
  ListingReader listing_;
  std::size_t pages_ = 0;
};

}  // namespace dvsync::source::graph
