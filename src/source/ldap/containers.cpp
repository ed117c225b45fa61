#include "containers.hpp"

#include <fmt/format.h>

#include <map>
#include <sstream>
#include <string>

#include "search.hpp"
#include "source/distinguished_name.hpp"
#include "source/ldap_values.hpp"

namespace dvsync::source::ldap {
namespace {

constexpr const char* containers_key = "containers";
// The classes of entries that have others below them.
constexpr std::string_view container_classes =
    "(|(objectClass=organizationalUnit)(objectClass=organization)(objectClass=domain)(objectClass=dcObject)"
    "(objectClass=locality)(objectClass=country)(objectClass=nsContainer)(objectClass=container))";

using Containers = std::map<std::string, std::string>;  // hash of the id → hash of the DN

std::string hash_text(std::string_view text) { return fmt::format("{:016x}", hash_of(text)); }

Containers read_containers(PullContext& context, const std::stop_token& stop) {
  Containers containers;
  PagedSearch search(*context.connection,
                     {.base = context.schema.base,
                      .scope = LDAP_SCOPE_SUBTREE,
                      .filter = std::string(container_classes),
                      .attributes = {"entryUUID", "nsUniqueId"},
                      .controls = {}},
                     "listing containers");
  while (const MessagePtr message = search.next(stop)) {
    const SmallEntry entry = copy_entry(context.connection->handle(), message.get());
    if (const auto id = group_id_of(entry)) {
      containers[hash_text(core::to_string(*id))] = hash_text(fold_distinguished_name(entry.dn));
    }
  }
  return containers;
}

Containers parse(const std::string& text) {
  Containers containers;
  std::istringstream words(text);
  for (std::string id, name; words >> id >> name;) containers[id] = name;
  return containers;
}

}  // namespace

bool containers_moved(PullContext& context, const std::stop_token& stop) {
  const Containers before = parse(context.remembered(containers_key));
  const Containers now = read_containers(context, stop);
  std::string text;
  bool moved = false;
  for (const auto& [id, name] : now) {
    text += id + " " + name + "\n";
    const auto known = before.find(id);
    moved = moved || (known != before.end() && known->second != name);
  }
  context.end.cursor[containers_key] = std::move(text);
  return moved;
}

}  // namespace dvsync::source::ldap
