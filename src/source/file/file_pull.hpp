#pragma once
// One reading of the file from its first byte to its last.

#include <cstddef>
#include <memory>

#include "dvsync/config/configuration.hpp"
#include "dvsync/source/directory_source.hpp"
#include "source/file/input_file.hpp"

namespace dvsync::source::file {

struct FileSettings {
  config::FileDirectory directory = {};
  double max_rejects_percent = 5;
  std::vector<core::Guid> full_plans = {};  // licenses.full: an export that names products has to be judged by them
};

// Opens the file with the first next(). The result does not depend on `block_size`.
[[nodiscard]] std::unique_ptr<Pull> make_file_pull(const FileSettings& settings, const PullRequest& request,
                                                   std::size_t block_size = default_block_size);

}  // namespace dvsync::source::file
