#pragma once
// The exported directory file: graph-jsonl, m365-csv or ldif (docs/files.md).

#include <memory>

#include "dvsync/config/configuration.hpp"
#include "dvsync/source/directory_source.hpp"

namespace dvsync::source {

// Opens the file anew for every pull and reads it once, as a stream: memory does not depend on its size. Throws
// SourceError from Pull::next() when the file is missing, empty, truncated, of another format, changed while being
// read, or when more records are unusable than max_rejects_percent allows. `full_plans`: the plans that license their
// user (licenses.full), by which an export that names products is judged.
[[nodiscard]] std::unique_ptr<DirectorySource> make_file_source(const config::FileDirectory& directory,
                                                                double max_rejects_percent,
                                                                const std::vector<core::Guid>& full_plans = {});

}  // namespace dvsync::source
