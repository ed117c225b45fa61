#pragma once
// A directory file on disk, and everything a pull of it yields.

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>

#include "dvsync/source/directory_source.hpp"
#include "source/file/file_pull.hpp"

namespace dvsync::source::file {

inline constexpr std::string_view ana_id = "11111111-1111-4111-8111-111111111111";
inline constexpr std::string_view bo_id = "22222222-2222-4222-8222-222222222222";
inline constexpr std::string_view group_id = "3f6b2c1e-0000-4000-8000-000000000001";
inline constexpr std::string_view other_group_id = "3f6b2c1e-0000-4000-8000-000000000002";

inline core::Guid guid(std::string_view text) { return core::parse_guid(text).value(); }

// Removed with the test.
class TemporaryDirectory {
 public:
  TemporaryDirectory() {
    std::string pattern = (std::filesystem::temp_directory_path() / "dvsync-file-XXXXXX").string();
    path_ = ::mkdtemp(pattern.data());
  }
  ~TemporaryDirectory() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  TemporaryDirectory(const TemporaryDirectory&) = delete;
  TemporaryDirectory& operator=(const TemporaryDirectory&) = delete;

  [[nodiscard]] std::filesystem::path operator/(std::string_view name) const { return path_ / name; }

 private:
  std::filesystem::path path_;
};

inline void write_file(const std::filesystem::path& path, std::string_view content) {
  std::ofstream(path, std::ios::binary | std::ios::trunc) << content;
}

struct Pulled {
  Page all;  // every page, one after the other
  PullEnd end;
  std::size_t largest_page = 0;

  [[nodiscard]] const IdentityRecord& user(std::string_view id) const {
    for (const IdentityRecord& record : all.identities) {
      if (record.object_id == guid(id)) return record;
    }
    ADD_FAILURE() << "no user " << id;
    static const IdentityRecord none;
    return none;
  }
};

template <class Element>
void append(std::vector<Element>& to, std::vector<Element>& from) {
  to.insert(to.end(), std::make_move_iterator(from.begin()), std::make_move_iterator(from.end()));
}

inline Pulled drain(Pull& pull) {
  Pulled pulled;
  Page page;
  while (pull.next(page, {})) {
    pulled.largest_page = std::max(pulled.largest_page, page.size());
    append(pulled.all.identities, page.identities);
    append(pulled.all.memberships, page.memberships);
    append(pulled.all.roles, page.roles);
    append(pulled.all.rejected, page.rejected);
    append(pulled.all.unknown_objects, page.unknown_objects);
  }
  pulled.end = pull.end();
  return pulled;
}

class FileTest : public ::testing::Test {
 protected:
  // Writes `content` to a file of this name and pulls it.
  Pulled pull(std::string_view name, std::string_view content) {
    write_file(directory_ / name, content);
    return pull(name);
  }

  Pulled pull(std::string_view name) {
    configured_.path = directory_ / name;
    return drain(*make_file_pull({configured_, max_rejects_percent_, full_plans_}, request_, block_size_));
  }

  // The message of the SourceError that the pull ends with; fails when it does not.
  std::string failure(std::string_view name, std::string_view content,
                      SourceError::Kind kind = SourceError::Kind::malformed) {
    write_file(directory_ / name, content);
    return failure(name, kind);
  }

  std::string failure(std::string_view name, SourceError::Kind kind) {
    try {
      pull(name);
    } catch (const SourceError& error) {
      EXPECT_EQ(error.kind(), kind) << error.what();
      return error.what();
    }
    ADD_FAILURE() << "the pull did not fail";
    return {};
  }

  TemporaryDirectory directory_;
  config::FileDirectory configured_;
  PullRequest request_;
  double max_rejects_percent_ = 100;
  std::vector<core::Guid> full_plans_;
  std::size_t block_size_ = default_block_size;
};

}  // namespace dvsync::source::file
