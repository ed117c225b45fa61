#include "dvsync/source/open_directory.hpp"

#include "source/file_source.hpp"
#include "source/graph_source.hpp"
#include "source/ldap_source.hpp"

namespace dvsync::source {
namespace {

struct Open {
  double max_rejects_percent;
  const config::Licenses& licenses;

  std::unique_ptr<DirectorySource> operator()(const config::FileDirectory& directory) const {
    return make_file_source(directory, max_rejects_percent, licenses.full);
  }
  std::unique_ptr<DirectorySource> operator()(const config::GraphDirectory& directory) const {
    return make_graph_source(directory, max_rejects_percent);
  }
  std::unique_ptr<DirectorySource> operator()(const config::LdapDirectory& directory) const {
    return make_ldap_source(directory, max_rejects_percent);
  }
};

}  // namespace

std::unique_ptr<DirectorySource> open_directory(const config::Configuration& configuration) {
  const auto& directory = configuration.directory;
  return std::visit(Open{directory.max_rejects_percent, configuration.licenses}, directory.kind);
}

}  // namespace dvsync::source
