#pragma once
// The operator's page: files that the build made of src/console/page, built into the program.

#include <optional>
#include <string_view>
#include <vector>

#include "message.hpp"

namespace dvsync::console {

struct PageFile {
  std::string_view name;  // index.html, page-HASH.js …
  std::string_view type;
  std::string_view text;
  std::string_view sha256;
};
// None: the program was built without the page.
[[nodiscard]] const std::vector<PageFile>& page_files();

// `/` and what lies below `/assets`; nullopt: that is not the page's. The files hold nobody's data, so they are
// anybody's.
[[nodiscard]] std::optional<Answer> page_answer(const Request& request,
                                                const std::vector<PageFile>& files = page_files());

}  // namespace dvsync::console
