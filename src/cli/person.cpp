#include "person.hpp"

#include "json.hpp"

namespace dvsync::cli {
namespace {

namespace json = boost::json;

std::string_view state_of(const sync::Person& person) {
  if (!person.lifecycle) return "unknown";
  switch (*person.lifecycle) {
    case core::Lifecycle::present:
      return "present";
    case core::Lifecycle::soft_deleted:
      return "soft_deleted";
    case core::Lifecycle::gone:
      return "gone";
  }
  return "";
}

json::object json_of(const sync::Person& person) {
  json::array rows;
  for (const auto& row : person.rows) {
    rows.push_back(json::object{{"environment", row.environment},
                                {"systemuserid", core::to_string(row.systemuserid)},
                                {"disabled", row.disabled},
                                {"deleted", row.gone}});
  }
  return {{"object_id", json_or_null(person.object_id)},
          {"user_name", json_text(person.user_name)},
          {"display_name", json_text(person.display_name)},
          {"directory", state_of(person)},
          {"rows", std::move(rows)}};
}

std::string json_of(const std::string& word, const sync::WhoIsMeant& unclear) {
  json::array candidates;
  for (const auto& person : unclear.candidates()) candidates.push_back(json_of(person));
  return json::serialize(
             json::object{{"asked", word}, {"candidates", std::move(candidates)}, {"more", unclear.more()}}) +
         "\n";
}

}  // namespace

sync::Person person_named(const Context& context, const config::Configuration& configuration,
                          const std::vector<const config::Environment*>& environments, const std::string& word,
                          bool json) {
  const auto found = sync::find_people(configuration, environments, word);
  for (const auto& other : found.namesakes) {
    context.err.write("Before, the name belonged to " + sync::line_of(other) + "\n");
  }
  context.err.flush();
  try {
    return sync::the_one_of(word, found);
  } catch (const sync::WhoIsMeant& unclear) {
    if (json) context.out.write(json_of(word, unclear));
    throw;
  }
}

}  // namespace dvsync::cli
