#pragma once
// The section `environments`.

#include <vector>

#include "dvsync/config/configuration.hpp"
#include "section.hpp"

namespace dvsync::config {

// `directory` and `database` say how groups are named, whether everybody is licensed, and which connection an
// environment without one of its own has.
[[nodiscard]] std::vector<Environment> read_environments(std::vector<Section> sections, const Directory& directory,
                                                         const Database& database);

// mapping, full_name_order, primary_email, fields: how identities become rows.
[[nodiscard]] core::FieldMapping read_field_mapping(Section& section);

// Constants for columns that a foreign table demands and the sync does not write itself.
void read_create_values(Section& section, Environment& environment);

// Security roles that the environment gives. Knows the type already.
void read_roles(Section& environment, Environment& target);

}  // namespace dvsync::config
