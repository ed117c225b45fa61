#include "dvsync/sync/people.hpp"

#include <algorithm>
#include <future>
#include <map>
#include <memory>

#include "dvsync/core/text.hpp"
#include "dvsync/store/open.hpp"
#include "dvsync/store/people.hpp"
#include "dvsync/sync/in_words.hpp"

namespace dvsync::sync {
namespace {

using store::NameMatch;

constexpr std::size_t most_listed = store::most_people - 1;

bool has_mail(const std::string& mail, const std::string& word) { return core::equal_ignoring_ascii_case(mail, word); }

// Everybody who was found, each once: identities and rows by object id, rows without one by systemuserid.
class Gathering {
 public:
  Person& of(const std::optional<core::Guid>& object_id, const core::Guid& otherwise) {
    auto& person = people_[object_id.value_or(otherwise)];
    person.object_id = object_id;
    return person;
  }
  void add(const store::KnownIdentity& identity) {
    auto& person = of(identity.object_id, identity.object_id);
    person.user_name = identity.user_name;
    person.display_name = identity.display_name;
    person.lifecycle = identity.lifecycle;
  }
  void add(const std::string& environment, const store::KnownRow& row) {
    auto& person = of(row.object_id, row.systemuserid);
    if (person.user_name.empty()) person.user_name = row.user_name;
    if (person.display_name.empty()) person.display_name = row.full_name;
    const auto known = [&](const PersonRow& one) {
      return one.environment == environment && one.systemuserid == row.systemuserid;
    };
    if (std::any_of(person.rows.begin(), person.rows.end(), known)) return;
    person.rows.push_back({environment, row.systemuserid, row.disabled, row.gone});
  }
  [[nodiscard]] bool empty() const { return people_.empty(); }
  [[nodiscard]] std::vector<core::Guid> object_ids() const {
    std::vector<core::Guid> ids;
    for (const auto& [key, person] : people_) {
      if (person.object_id) ids.push_back(*person.object_id);
    }
    return ids;
  }
  [[nodiscard]] std::vector<Person> take() {
    std::vector<Person> all;
    for (auto& [key, person] : people_) all.push_back(std::move(person));
    std::stable_sort(all.begin(), all.end(),
                     [](const Person& a, const Person& b) { return a.user_name < b.user_name; });
    return all;
  }

 private:
  std::map<core::Guid, Person> people_;
};

class Search {
 public:
  Search(const config::Configuration& configuration, const std::vector<const config::Environment*>& environments,
         const std::string& word)
      : word_(word), id_(core::parse_guid(word)) {
    auto mirror = std::async(std::launch::async, [&] { return store::open_mirror(configuration); });
    for (const auto* environment : environments) {
      if (environment->rules.type != core::EnvironmentType::none) open_one(configuration, *environment);
    }
    take_mirror(mirror);
  }

  FoundPeople run() {
    if (id_) {
      by_id(*id_);
    } else {
      by_name(NameMatch::whole);
      if (people_.empty()) by_name(NameMatch::part);
    }
    complete();
    FoundPeople found{.people = people_.take(), .more = more_, .namesakes = {}, .unreachable = unreachable_};
    const auto others = std::stable_partition(found.people.begin(), found.people.end(), is_living);
    if (!id_ && whole_ && others != found.people.begin()) {
      found.namesakes.assign(others, found.people.end());
      found.people.erase(others, found.people.end());
    }
    return found;
  }

  void give_sessions(SpareSessions& spare) {
    if (mirror_) spare.keep(nullptr, std::move(mirror_));
    for (auto& place : environments_) spare.keep(place.environment, std::move(place.session));
  }

 private:
  struct Place {
    const config::Environment* environment;
    std::unique_ptr<store::Connection> session;

    [[nodiscard]] const std::string& name() const { return environment->rules.name; }
  };

  static bool is_living(const Person& person) { return person.lifecycle == core::Lifecycle::present; }

  // Without the mirror an id can still be found in a row, a name would look as if nobody had it.
  void take_mirror(std::future<std::unique_ptr<store::Connection>>& opened) {
    try {
      mirror_ = opened.get();
    } catch (const StoreError& error) {
      if (!id_) throw;
      unreachable_ = error.what();
    }
  }
  void open_one(const config::Configuration& configuration, const config::Environment& environment) {
    try {
      environments_.push_back({&environment, store::open_environment(configuration, environment)});
    } catch (const StoreError& error) {
      unreachable_ = error.what();
    }
  }

  void by_id(const core::Guid& id) {
    if (mirror_) {
      for (const auto& identity : store::identities_of(*mirror_, {id})) people_.add(identity);
    }
    for (const auto& place : environments_) add_rows(place.name(), store::rows_of(*place.session, {id}));
  }

  void by_name(NameMatch match) {
    whole_ = match == NameMatch::whole;
    auto identities = store::identities_called(*mirror_, word_, match);
    std::map<std::string, std::vector<store::KnownRow>> rows;
    for (const auto& place : environments_) rows[place.name()] = store::rows_called(*place.session, word_, match);
    if (!whole_) prefer_mail(identities, rows);
    more_ = identities.size() > most_listed;
    for (const auto& identity : identities) people_.add(identity);
    for (const auto& [name, some] : rows) add_rows(name, some);
  }

  // A whole mail address means its owner, not everybody in whose address it stands.
  void prefer_mail(std::vector<store::KnownIdentity>& identities,
                   std::map<std::string, std::vector<store::KnownRow>>& rows) const {
    const auto other = [this](const auto& one) { return !has_mail(one.mail, word_); };
    const auto any = [&](const auto& some) { return !std::all_of(some.begin(), some.end(), other); };
    if (!any(identities) && std::none_of(rows.begin(), rows.end(), [&](const auto& of) { return any(of.second); })) {
      return;
    }
    std::erase_if(identities, other);
    for (auto& [name, some] : rows) std::erase_if(some, other);
  }

  void add_rows(const std::string& environment, const std::vector<store::KnownRow>& rows) {
    more_ = more_ || rows.size() > most_listed;
    for (const auto& row : rows) people_.add(environment, row);
  }

  // Of each who was found somewhere: what the other places know of them.
  void complete() {
    const auto ids = people_.object_ids();
    if (ids.empty()) return;
    if (mirror_) {
      for (const auto& identity : store::identities_of(*mirror_, ids)) people_.add(identity);
    }
    for (const auto& place : environments_) {
      for (const auto& row : store::rows_of(*place.session, ids)) people_.add(place.name(), row);
    }
  }

  const std::string& word_;
  std::optional<core::Guid> id_;
  std::unique_ptr<store::Connection> mirror_;
  std::vector<Place> environments_;
  Gathering people_;
  bool whole_ = true;
  bool more_ = false;
  std::string unreachable_;
};

std::string list_of(const FoundPeople& found) {
  std::string text;
  for (std::size_t i = 0; i < found.people.size() && i < most_listed; ++i) {
    text += "\n  " + line_of(found.people[i]);
  }
  return text + (found.more || found.people.size() > most_listed ? "\n  and others" : "");
}

std::string state_of(const Person& person) {
  if (!person.lifecycle) return person.object_id ? "not in the mirror" : "no directory user";
  switch (*person.lifecycle) {
    case core::Lifecycle::present:
      return "";
    case core::Lifecycle::soft_deleted:
      return "soft-deleted";
    case core::Lifecycle::gone:
      return "no longer in the directory";
  }
  return "";
}

}  // namespace

std::vector<core::Guid> Person::systemuserids_in(const std::string& environment) const {
  std::vector<core::Guid> ids;
  for (const auto& row : rows) {
    if (row.environment == environment) ids.push_back(row.systemuserid);
  }
  return ids;
}

std::string line_of(const Person& person) {
  const auto& id = person.object_id ? *person.object_id : person.rows.front().systemuserid;
  auto text = core::to_string(id) + "  " + (person.user_name.empty() ? "(no user name)" : printable(person.user_name));
  if (!person.display_name.empty()) text += "  " + printable(person.display_name);
  if (const auto state = state_of(person); !state.empty()) text += ", " + state;
  for (std::size_t i = 0; i < person.rows.size(); ++i) {
    const auto& row = person.rows[i];
    text += (i == 0 ? "; in " : ", ") + row.environment +
            (row.gone       ? " (row deleted)"
             : row.disabled ? " (disabled)"
                            : "");
  }
  return text;
}

FoundPeople find_people(const config::Configuration& configuration,
                        const std::vector<const config::Environment*>& environments, const std::string& word,
                        SpareSessions* spare) {
  if (core::is_blank(word)) throw UsageError("a user is named by a user name, an id, or a part of a name");
  if (core::text_prefix(word).size() != word.size()) throw UsageError("the user's name is not UTF-8 text");
  Search search(configuration, environments, word);
  auto found = search.run();
  if (spare != nullptr) search.give_sessions(*spare);
  return found;
}

Person the_one_of(const std::string& word, const FoundPeople& found) {
  const auto id = core::parse_guid(word);
  if (found.people.size() == 1 && !found.more) return found.people.front();
  if (found.people.empty() && id) return Person{.object_id = id, .user_name = {}, .display_name = {}, .rows = {}};
  if (found.people.empty()) {
    throw WhoIsMeant(
        "nobody is called " + printable(word) +
            ": neither in the directory, nor in a row, nor in the log; `dvsync sync` reads the directory anew" +
            (found.unreachable.empty() ? "" : "\n  not everything could be asked: " + found.unreachable),
        {}, false);
  }
  throw WhoIsMeant("several users may be meant by " + printable(word) + "; name one by its id:" + list_of(found),
                   {found.people.begin(),
                    found.people.begin() + static_cast<std::ptrdiff_t>(std::min(found.people.size(), most_listed))},
                   found.more || found.people.size() > most_listed);
}

std::string suggestions(const FoundPeople& found) {
  return found.people.empty() ? "" : "; these come near, name one by its id:" + list_of(found);
}

}  // namespace dvsync::sync
