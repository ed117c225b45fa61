#include "source/graph/role_read.hpp"

#include "source/graph/delta_query.hpp"
#include "source/graph/directory_reference.hpp"

namespace dvsync::source::graph {

RoleRead::RoleRead(const Origin& origin, const Queries& queries, const AdministratorRole& role)
    : role_(&role),
      listing_(origin, "the members of the role " + std::string(role.title), queries.role_members(role)) {}

void RoleRead::accept(const Answer& answer, Page& page, std::vector<std::string>& warnings) {
  if (answer.status == 404) {  // a role that was never used in this tenant is not activated: nobody has it
    done_ = true;
    return;
  }
  if (answer.status == 403) {
    done_ = true;
    coverage_ = Coverage::unreadable;
    warnings.push_back(listing_.what() +
                       " cannot be read (403): grant the application permission RoleManagement.Read.Directory and "
                       "admin consent");
    return;
  }
  if (!listing_.accept(answer)) {
    return;
  }
  for (const boost::json::value& item : items_of(answer, listing_.what())) {
    const auto reference = read_reference(item);
    if (!reference) {
      coverage_ = Coverage::unreadable;
      warnings.push_back(listing_.what() + " came with a member without an id");
    } else if (reference->kind == DirectoryReference::Kind::group) {
      warnings.push_back("the role " + std::string(role_->title) +
                         " is assigned to a group; only direct assignments count as administrators");
    } else if (reference->kind == DirectoryReference::Kind::user) {
      RoleRecord record;
      record.role = role_->name;
      record.member.object_id = reference->id;
      page.roles.push_back(std::move(record));
    }
  }
}

}  // namespace dvsync::source::graph
