#pragma once
// The shipped configuration, config/dvsync.yaml, as a form to fill in. It names every key with its default and its
// meaning, so nobody who fills it in has to know them a second time.

#include <cstddef>
#include <filesystem>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "dvsync/config/configuration.hpp"

namespace dvsync::config {

// As it is shipped.
[[nodiscard]] std::string_view sample_text();

class SampleForm {
 public:
  struct Key {
    std::string name;
    std::string value;    // of a list: its elements with commas between them
    std::string comment;  // what the sample says about it
    std::size_t line = 0;
    bool list = false;
  };

  // What `directory.type` may be, in the sample's order.
  [[nodiscard]] static std::vector<std::string> directory_types();

  // The sample with this kind of directory and no other. Throws Error for one that it does not have.
  explicit SampleForm(const std::string& directory_type);

  // The keys of a section that are set, and do not stand in a comment.
  [[nodiscard]] std::vector<Key> keys(std::string_view section) const;
  // Sets a key, whatever the sample says about it; an empty value turns it into a comment. A key that the sample does
  // not have is added, for the reader of configurations to judge.
  void set(std::string_view section, std::string_view key, std::string_view value);
  // One environment each, with a schema named after it.
  void set_environments(const std::vector<std::string>& names);

  // Keys that nobody has set and that hold an example, which is nobody's default.
  [[nodiscard]] std::vector<Key> examples() const;
  // The first mistake in a section, or at one key of it. `file` stands for the place where the form will lie.
  [[nodiscard]] std::optional<std::string> mistake(const std::filesystem::path& file, std::string_view section,
                                                   std::string_view key = {}) const;
  [[nodiscard]] std::string text() const;

 private:
  using Range = std::pair<std::size_t, std::size_t>;  // lines, the last one excluded
  [[nodiscard]] Range section(std::string_view name) const;

  std::vector<std::string> lines_;
  std::set<std::string, std::less<>> filled_;  // "section.key"
};

// The sample's people and machines all belong to one invented company, and its ids are invented alike.
[[nodiscard]] bool is_example(std::string_view value);

}  // namespace dvsync::config
