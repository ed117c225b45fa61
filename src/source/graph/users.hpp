#pragma once
// A Graph user object as an identity record (reference A.1, A.2): an absent key is not stated, null is stated and
// without value. Unknown keys and annotations are ignored.

#include <boost/json.hpp>
#include <cstdint>
#include <string>
#include <variant>

#include "dvsync/source/directory_source.hpp"
#include "source/graph/delta.hpp"
#include "source/graph/session.hpp"

namespace dvsync::source::graph {

using UserRecord = std::variant<IdentityRecord, RejectedRecord>;

// `whole`: the object comes from a listing of everything, so that what it does not state is empty. A removed one
// ("@removed", or a deletedDateTime) never is.
[[nodiscard]] UserRecord read_user(const boost::json::value& object, bool whole);

// The key of the users' delta link in the cursor.
inline constexpr std::string_view users_cursor = "users";

class UserReader {
 public:
  // `link` empty: everything from scratch.
  UserReader(Session& session, const std::string& link);

  [[nodiscard]] bool done() const { return query_.done(); }
  // Adds the next page to `page`.
  void read(Page& page, const std::stop_token& stop);

  // Once done:
  [[nodiscard]] Completeness coverage() const {
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
