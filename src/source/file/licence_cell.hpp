#pragma once
// The licences of a user as the admin centre's export writes them: display names of products, joined by "+".

#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "dvsync/core/guid.hpp"

namespace dvsync::source::file {

class LicenceCell {
 public:
  // The service plans of all products named in the cell, sorted, each once. Names that the shipped table does not know
  // bring none and are remembered.
  const std::vector<core::Guid>& plans(std::string_view cell);

  // Adds one warning that names the unknown products, if there were any.
  void warn(std::vector<std::string>& warnings) const;

 private:
  void add_product(std::string_view name, std::vector<core::Guid>& plans);
  void add_unknown(std::string_view name);

  std::unordered_map<std::string, std::vector<core::Guid>> seen_;  // few combinations, millions of users
  std::vector<core::Guid> scratch_;
  std::set<std::string> unknown_;
};

}  // namespace dvsync::source::file
