#pragma once
// The users of one pull: a delta round, and where asked for, the independent look at account states (docs/sources.md,
// Delta queries).

#include <cstdint>
#include <string>

#include "source/graph/delta_query.hpp"
#include "source/graph/listing.hpp"
#include "source/graph/named.hpp"
#include "source/graph/session.hpp"

namespace dvsync::source::graph {

// The key of the users' delta link in the cursor.
inline constexpr std::string_view users_cursor = "users";

class UserRound {
 public:
  // `link` empty: everything from scratch.
  UserRound(Session& session, const std::string& link);

  [[nodiscard]] bool done() const { return query_.done(); }
  // Adds the next page to `page`.
  void read(Page& page, const std::stop_token& stop);

  // Once done:
  [[nodiscard]] Coverage coverage() const { return query_.initial() ? Coverage::complete : Coverage::changes; }
  [[nodiscard]] const std::string& delta_link() const { return query_.delta_link(); }

 private:
  void take_page(const Answer& answer, Page& page);
  void report_vanished(Page& page);

  Session& session_;
  DeltaQuery query_;
  Named<core::Guid> named_;
  std::size_t pages_ = 0;
};

class AccountStateRound {
 public:
  explicit AccountStateRound(Session& session);

  [[nodiscard]] bool done() const { return listing_.done(); }
  void read(Page& page, const std::stop_token& stop);

 private:
  Session& session_;
  Listing listing_;
  std::size_t pages_ = 0;
};

}  // namespace dvsync::source::graph
