#include "person.hpp"

#include "dvsync/sync/sync_json.hpp"

namespace dvsync::cli {
sync::Person person_named(const Context& context, const config::Configuration& configuration,
                          const std::vector<const config::Environment*>& environments, const std::string& word,
                          bool json, sync::SpareSessions* spare) {
  const auto found = sync::find_people(configuration, environments, word, spare);
  for (const auto& other : found.namesakes) {
    context.err.write("Before, the name belonged to " + sync::line_of(other) + "\n");
  }
  context.err.flush();
  try {
    return sync::the_one_of(word, found);
  } catch (const sync::WhoIsMeant& unclear) {
    if (json) {
      context.out.write(boost::json::serialize(sync::json_of(word, unclear.candidates(), unclear.more())) + "\n");
    }
    throw;
  }
}

}  // namespace dvsync::cli
