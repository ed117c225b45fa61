#include "source/graph/groups.hpp"

#include <algorithm>
#include <string_view>
#include <utility>

#include "source/graph/json.hpp"

namespace dvsync::source::graph {
namespace {

namespace json = boost::json;
using Relation = MembershipRecord::Relation;

constexpr std::string_view plain_prefix = "groups:";
constexpr std::string_view nested_prefix = "nested-groups:";
constexpr std::size_t id_length = 36;

std::vector<core::Guid> ids_in(std::string_view list) {
  std::vector<core::Guid> ids;
  while (list.size() >= id_length) {
    if (const auto id = core::parse_guid(list.substr(0, id_length))) {
      ids.push_back(*id);
    }
    list.remove_prefix(std::min(list.size(), id_length + 1));
  }
  return ids;
}

constexpr std::uint8_t owner_flag = 1;
constexpr std::uint8_t group_flag = 2;

MembershipRecord membership(const core::Guid& group, Relation relation, const DirectoryReference& reference) {
  MembershipRecord record;
  record.group = group;
  record.relation = relation;
  record.member.object_id = reference.id;
  record.member_is_group = reference.kind == ObjectKind::group;
  record.removed = reference.removed;
  return record;
}

}  // namespace

std::optional<DirectoryReference> read_reference(const boost::json::value& item) {
  ObjectKind kind = graph_type(text_at(item, "@odata.type")).kind;
  if (kind == ObjectKind::unstated) kind = ObjectKind::user;  // a collection of one type may leave it out
  const auto id = core::parse_guid(text_at(item, "id"));
  if (!id && kind != ObjectKind::other && kind != ObjectKind::role) return std::nullopt;
  return DirectoryReference{
      .id = id.value_or(core::Guid{}), .kind = kind, .removed = find(item, "@removed") != nullptr};
}

std::vector<GroupCursor> group_cursors(const Cursor& cursor) {
  std::vector<GroupCursor> found;
  for (const auto& [key, link] : cursor) {
    const std::string_view name(key);
    const bool nested = name.starts_with(nested_prefix);
    if (nested || name.starts_with(plain_prefix)) {
      const std::size_t prefix = nested ? nested_prefix.size() : plain_prefix.size();
      found.push_back({.ids = ids_in(name.substr(prefix)), .link = link, .nested = nested});
    }
  }
  return found;
}

std::pair<std::string, std::string> cursor_entry(const GroupCursor& group_cursor) {
  std::string key(group_cursor.nested ? nested_prefix : plain_prefix);
  for (const core::Guid& id : group_cursor.ids) {
    key += core::to_string(id) + ",";
  }
  key.pop_back();
  return {std::move(key), group_cursor.link};
}

GroupReader::GroupReader(const Origin& origin, const Queries& queries, GroupCursor cursor, bool may_drop_link)
    : cursor_(std::move(cursor)),
      query_(origin, "the groups", queries.groups_delta(cursor_.ids),
             {.link = cursor_.link, .may_drop = may_drop_link}) {}

void GroupReader::accept(const GraphAnswer& answer, Page& page, std::set<core::Guid>& nested) {
  switch (query_.accept(answer)) {
    case Outcome::page:
      for (const json::value& group : items_of(answer, query_.what())) {
        take_group(group, page, nested);
      }
      if (query_.done() && query_.initial()) {
        report_vanished(page);
      }
      break;
    case Outcome::started_over:
      seen_.start_over();
      found_.clear();
      gone_.clear();
      garbled_.clear();
      break;
    case Outcome::refused:
      denied_ = answer.about_rights();
      refusal_ =
          failure(answer, "it",
                  answer.status == 403 ? "grant the application permission GroupMember.Read.All and admin consent" : "")
              .what();
      break;
  }
}

// A large group comes in several pieces; each adds up. Groups that left the key may still come along with the link.
void GroupReader::take_group(const json::value& group, Page& page, std::set<core::Guid>& nested) {
  const auto id = core::parse_guid(text_at(group, "id"));
  const auto place = id ? std::find(cursor_.ids.begin(), cursor_.ids.end(), *id) : cursor_.ids.end();
  if (place == cursor_.ids.end()) return;
  if (find(group, "@removed") != nullptr) {
    gone_.insert(*id);
    return;
  }
  gone_.erase(*id);
  found_.insert(*id);
  const auto index = static_cast<std::size_t>(place - cursor_.ids.begin());
  if (const json::value* members = find(group, "members@delta")) {
    take_members(index, Relation::member, *members, page, nested);
  }
  if (const json::value* owners = find(group, "owners@delta")) {
    take_members(index, Relation::owner, *owners, page, nested);
  }
}

void GroupReader::take_members(std::size_t place, Relation relation, const json::value& list, Page& page,
                               std::set<core::Guid>& nested) {
  const core::Guid& group = cursor_.ids[place];
  if (!list.is_array()) {
    garbled_.insert(group);
    return;
  }
  for (const json::value& item : list.get_array()) {
    const auto reference = read_reference(item);
    if (!reference) {
      garbled_.insert(group);
      continue;
    }
    const bool is_group = reference->kind == ObjectKind::group;
    const bool relevant = reference->may_be_user() || (is_group && cursor_.nested && relation == Relation::member);
    if (!relevant) continue;
    if (reference->kind == ObjectKind::unknown) {
      page.unknown_objects.push_back(
          {.object_id = reference->id, .where = "group " + core::to_string(group), .reason = {}, .detail = {}});
    }
    page.memberships.push_back(membership(group, relation, *reference));
    if (reference->removed) continue;
    if (is_group) {
      nested.insert(reference->id);
    }
    Membership key{static_cast<std::uint8_t>(place)};
    key[1] = static_cast<std::uint8_t>((relation == Relation::owner ? owner_flag : 0) | (is_group ? group_flag : 0));
    std::copy(reference->id.bytes.begin(), reference->id.bytes.end(), key.begin() + 2);
    seen_.add(key);
  }
}

void GroupReader::report_vanished(Page& page) {
  for (const Membership& key : seen_.vanished()) {
    DirectoryReference reference;
    reference.removed = true;
    std::copy(key.begin() + 2, key.end(), reference.id.bytes.begin());
    reference.kind = (key[1] & group_flag) != 0 ? ObjectKind::group : ObjectKind::user;
    const Relation relation = (key[1] & owner_flag) != 0 ? Relation::owner : Relation::member;
    page.memberships.push_back(membership(cursor_.ids[key[0]], relation, reference));
  }
}

GroupKnowledge GroupReader::knowledge(const core::Guid& id) const {
  if (refused()) return {.detail = refusal_, .try_again = true};
  if (gone_.contains(id) || (query_.initial() && !found_.contains(id))) {
    return {.detail = "the tenant has no such group (any more)", .gone = true};
  }
  if (garbled_.contains(id)) return {.detail = "Microsoft Graph sent a member of it without an id", .try_again = true};
  return {.coverage = query_.initial() ? Completeness::complete : Completeness::changes, .detail = {}};
}

GroupCursor GroupReader::cursor() const {
  GroupCursor next{.ids = {}, .link = query_.delta_link(), .nested = cursor_.nested};
  std::copy_if(cursor_.ids.begin(), cursor_.ids.end(), std::back_inserter(next.ids),
               [&](const core::Guid& id) { return knowledge(id).coverage != Completeness::unreadable; });
  return next;
}

GroupCursor GroupReader::unread() const {
  GroupCursor again{.ids = {}, .link = {}, .nested = cursor_.nested};
  std::copy_if(cursor_.ids.begin(), cursor_.ids.end(), std::back_inserter(again.ids),
               [&](const core::Guid& id) { return cursor_.nested && knowledge(id).try_again; });
  return again;
}

}  // namespace dvsync::source::graph
