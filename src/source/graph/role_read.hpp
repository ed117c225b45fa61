#pragma once
// The members of one administrator role. Read anew by every run: roles have no delta worth its price.

#include <string>
#include <vector>

#include "source/graph/listing.hpp"
#include "source/graph/queries.hpp"

namespace dvsync::source::graph {

class RoleRead {
 public:
  RoleRead(const Origin& origin, const Queries& queries, const AdministratorRole& role);

  [[nodiscard]] bool done() const { return done_ || listing_.done(); }
  [[nodiscard]] const std::string& next() const { return listing_.next(); }

  // Takes the answer to next() and adds the role's members to `page`. Throws SourceError.
  void accept(const Answer& answer, Page& page, std::vector<std::string>& warnings);

  [[nodiscard]] RoleName name() const { return role_->name; }
  [[nodiscard]] Coverage coverage() const { return coverage_; }

 private:
  const AdministratorRole* role_;
  Listing listing_;
  bool done_ = false;
  Coverage coverage_ = Coverage::complete;
};

}  // namespace dvsync::source::graph
