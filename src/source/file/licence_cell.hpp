#pragma once
// The licences of a user as the admin centre's export writes them: display names of products, joined by "+".

#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "dvsync/core/guid.hpp"

namespace dvsync::source::file {

// What a cell says of a user's plans.
struct Licences {
  std::vector<core::Guid> plans;  // of all known products, sorted, each once
  bool holds_full_plan = false;   // whatever else the cell names, it is enough
  bool names_unknown = false;     // a product that the shipped table does not know: there may be more plans
};

class LicenceCell {
 public:
  // `full_plans`: `licenses.full` of the configuration.
  explicit LicenceCell(std::vector<core::Guid> full_plans);

  // Valid until the next call. Unknown names are remembered.
  const Licences& read(std::string_view cell);

  // Adds one warning that names the unknown products, if there were any.
  void warn(std::vector<std::string>& warnings) const;

 private:
  void add_product(std::string_view name, Licences& licences);
  void add_unknown(std::string_view name);

  std::vector<core::Guid> full_plans_;              // sorted
  std::unordered_map<std::string, Licences> seen_;  // few combinations, millions of users
  Licences scratch_;
  std::set<std::string> unknown_;
};

}  // namespace dvsync::source::file
