// One user as Graph tells it: the reader of a tenant's answers and the reader of files say the same.

#include <algorithm>

#include "input_file.hpp"
#include "source/graph/json.hpp"
#include "source/graph/users.hpp"
#include "unit/source/file_record_text.hpp"

using namespace dvsync;
using namespace dvsync::source;

namespace {

std::string from_file(const std::string& line) {
  const InputFile input(line);
  config::FileDirectory directory;
  directory.path = input.path();
  directory.format = config::FileFormat::graph_jsonl;
  directory.mode = config::FileMode::snapshot;
  try {
    const auto pulled = file::drain(*file::make_file_pull(
        {.directory = directory, .max_rejects_percent = 100, .full_plans = {}}, PullRequest{}, 4096));
    if (pulled.all.rejected.size() == 1) return "rejected";
    if (pulled.all.identities.size() == 1) return file::to_text(pulled.all.identities.front());
  } catch (const SourceError&) {
  }
  return "nothing";
}

// Exporters leave texts that are no values, which only a file is searched for. Of a key that comes twice either value
// may count.
bool may_differ(const boost::json::value& value) {
  if (const auto* text = value.if_string()) return is_artefact(*text) || text->find_first_of("([{<#@") == 0;
  if (const auto* list = value.if_array()) return std::ranges::any_of(*list, may_differ);
  const auto* object = value.if_object();
  return object != nullptr &&
         std::ranges::any_of(*object, [](const auto& member) { return may_differ(member.value()); });
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string text(reinterpret_cast<const char*>(data), size);
  std::ranges::replace_if(
      text, [](char c) { return c == '\n' || c == '\r'; }, ' ');
  const auto document = graph::Document::parse(text);
  if (!document || !document->root().is_object() || may_differ(document->root())) return 0;
  const auto& object = document->root();
  if (graph::text_at(object, "@odata.type") != "#microsoft.graph.user" || graph::find(object, "value") != nullptr)
    return 0;
  const auto record = graph::read_user(object, true);
  const auto* identity = std::get_if<IdentityRecord>(&record);
  const auto of_tenant = identity != nullptr ? file::to_text(*identity) : "rejected";
  const auto of_file = from_file(text + "\n");
  if (of_file == "nothing") return 0;
  REQUIRE(of_tenant == of_file);
  return 0;
}
