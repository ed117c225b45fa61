#pragma once
// The sample, filled in by options and by answers.

#include <filesystem>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "dvsync/config/sample_form.hpp"
#include "init/interview.hpp"
#include "init/new_files.hpp"

namespace dvsync::cli {

// What the command line says already is not asked.
struct Answers {
  std::optional<std::string> directory_type;
  std::vector<std::pair<std::string, std::string>> directory;  // key, value
  std::optional<std::string> connection;
  std::vector<std::string> environments;
};

// Asks for what is not answered, one question after the other, and again after a mistake. Makes the secrets' files that
// are missing, beside `file`. What nobody answers stays as the sample has it.
[[nodiscard]] config::SampleForm filled_form(const std::filesystem::path& file, const Answers& answers,
                                             Interview& interview, NewSecrets& secrets);

}  // namespace dvsync::cli
