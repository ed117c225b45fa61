#include "dvsync/sync/resolution.hpp"

#include "dvsync/store/identity_queries.hpp"
#include "dvsync/store/look_up.hpp"
#include "dvsync/store/open.hpp"
#include "dvsync/sync/engine.hpp"
#include "dvsync/sync/people.hpp"
#include "pull.hpp"

namespace dvsync::sync {
namespace {

constexpr int most_look_ups = 3;  // of one user who moves in the mirror meanwhile

Resolved nobody(std::string asked, bool known_to_be_absent) {
  return {.asked = std::move(asked),
          .object_id = std::nullopt,
          .reason = known_to_be_absent ? refusal::not_in_directory : refusal::directory_unknown,
          .detail = known_to_be_absent ? "no living user of the directory has this user name"
                                       : "the mirror knows no living user of this name, and has not seen everybody"};
}

Resolved one_of(std::string asked, const std::vector<store::Candidate>& candidates, bool listing_complete) {
  if (candidates.empty()) return nobody(std::move(asked), listing_complete);
  if (candidates.size() == 1) return {std::move(asked), candidates.front().object_id, "", ""};
  std::string detail = "several users have this user name, ask by object id:";
  for (const auto& candidate : candidates) detail += " " + core::to_string(candidate.object_id);
  return {std::move(asked), std::nullopt, refusal::ambiguous_user, detail};
}

std::string name_of(const source::UserReference& user) {
  return user.user_name.empty() && user.object_id ? core::to_string(*user.object_id) : user.user_name;
}

source::PullRequest question(const config::Configuration& configuration, store::Connection& mirror,
                             const store::MirrorState& state) {
  auto request = request_for(configuration);
  if (follow_teams(configuration)) add_groups(request, store::named_groups(mirror));
  request.full = false;
  request.cursor = state.cursor;
  return request;
}

// What the directory told, and where the mirror was when it was asked.
struct Told {
  Resolved resolved;
  std::optional<source::LookUp> answer;  // nullopt: nothing to merge
  store::MirrorState state;
};

Told ask(const config::Configuration& configuration, source::DirectorySource& source, store::Connection& mirror,
         const source::UserReference& user, const std::stop_token& stop) {
  Told told{.resolved = {}, .answer = std::nullopt, .state = store::read_state(mirror)};
  const auto refuse = [&](const char* reason, const std::string& detail) {
    told.resolved = {name_of(user), std::nullopt, reason, detail};
    told.answer.reset();
    return told;
  };
  if (!told.state.pulled_at) {
    return refuse(refusal::stale_directory, "the directory was never read as a whole: run `dvsync sync`");
  }
  told.answer = source.look_up(user, question(configuration, mirror, told.state), stop);
  if (!told.answer) {
    told.resolved = resolve_users(mirror, told.state, {user}).front();
    return told;
  }
  const auto& page = told.answer->page;
  if (!page.rejected.empty()) return refuse(page.rejected.front().reason.c_str(), page.rejected.front().detail);
  if (page.identities.empty()) {
    return refuse(refusal::not_in_directory, "the directory has no user of this name");
  }
  told.resolved = {name_of(user), page.identities.front().object_id, "", ""};
  return told;
}

}  // namespace

std::vector<Resolved> resolve_users(store::Connection& mirror, const store::MirrorState& state,
                                    const std::vector<source::UserReference>& users) {
  std::vector<std::string> names;
  for (const auto& user : users) {
    if (!user.object_id) names.push_back(user.user_name);
  }
  const auto found = store::find_by_name(mirror, names);
  std::vector<Resolved> resolved;
  resolved.reserve(users.size());
  auto next = found.begin();
  for (const auto& user : users) {
    if (user.object_id) {
      resolved.push_back({name_of(user), user.object_id, "", ""});
    } else {
      resolved.push_back(one_of(user.user_name, *next++, state.listing_complete));
    }
  }
  return resolved;
}

bool can_be_asked(const config::Directory& directory) {
  return !std::holds_alternative<config::FileDirectory>(directory.kind);
}

Resolved ask_directory_within(const config::Configuration& configuration, source::DirectorySource& source,
                              store::Connection& mirror, const source::UserReference& user,
                              const std::stop_token& stop) {
  const auto told = ask(configuration, source, mirror, user, stop);
  if (told.answer) static_cast<void>(store::merge_look_up(mirror, *told.answer, told.state, told.state.version));
  return told.resolved;
}

Resolved ask_directory(const config::Configuration& configuration, source::DirectorySource& source,
                       store::Connection& mirror, const source::UserReference& user, const std::stop_token& stop) {
  try {
    for (int attempt = 1;; ++attempt) {
      auto told = ask(configuration, source, mirror, user, stop);
      if (!told.answer) return told.resolved;
      store::Transaction transaction(mirror);
      const bool merged = store::merge_look_up(mirror, *told.answer, told.state, told.state.version);
      if (merged) transaction.commit();
      if (merged || attempt == most_look_ups) return told.resolved;
    }
  } catch (const SourceError& error) {
    return {name_of(user), std::nullopt, refusal::stale_directory, error.what(),
            error.kind() != SourceError::Kind::malformed};
  }
}

core::Guid resolve_user(const config::Configuration& configuration, store::Connection& mirror,
                        const source::UserReference& user) {
  const auto word = name_of(user);
  if (user.object_id && store::knows_identity(mirror, *user.object_id)) return *user.object_id;
  const auto living = user.object_id ? std::vector<store::Candidate>{} : store::find_by_name(mirror, {word}).front();
  if (living.size() == 1) return living.front().object_id;
  const auto found = find_people(configuration, chosen(configuration, {}), word);
  // An id means one person; and so do several living users of a name, none.
  if (user.object_id || living.size() > 1) {
    const auto person = the_one_of(word, found);
    if (person.object_id) return *person.object_id;
    throw UsageError("no directory user stands behind this row, so that the sync leaves it alone: " + line_of(person));
  }
  throw UsageError("no living user of the directory is called " + word + suggestions(found));
}

store::RowReference row_named(const config::Configuration& configuration, const config::Environment& environment,
                              store::Connection& session, const std::string& word) {
  const auto rows = store::find_rows(session, word);
  if (rows.size() == 1) return rows.front();
  const auto& name = environment.rules.name;
  if (rows.empty()) {
    const auto near = suggestions(find_people(configuration, {&environment}, word));
    throw UsageError("environment " + name + " has no row of " + word +
                     (near.empty() ? "; `dvsync user list` shows all" : near));
  }
  std::string listed;
  for (const auto& row : rows) {
    listed += "\n  " + core::to_string(row.systemuserid) + "  " + row.domainname +
              (row.object_id ? "  object id " + core::to_string(*row.object_id) : "  without object id");
  }
  throw UsageError(word + " is the user name of several rows in environment " + name +
                   "; name one by its id:" + listed);
}

source::UserReference reference_to(const std::string& user) { return {core::parse_guid(user), user}; }

}  // namespace dvsync::sync
