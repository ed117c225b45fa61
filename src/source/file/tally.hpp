#pragma once
// What a pull has read so far: enough to say at its end whether the file can be trusted.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "dvsync/source/directory_source.hpp"

namespace dvsync::source::file {

class Tally {
 public:
  void record() { ++records_; }  // read, whatever becomes of it
  void user(const IdentityRecord& record) { present_users_ += record.lifecycle == core::Lifecycle::present ? 1 : 0; }
  void reject(Page& page, RejectedRecord rejected);
  // Tells that some of them do not even say whose they are, which leaves nobody absent.
  void warn_of_anonymous(std::vector<std::string>& warnings) const;

  [[nodiscard]] std::uint64_t records() const { return records_; }

  // Throws SourceError when more than `max_rejects_percent` of the records could not be used, or when a listing of
  // everybody holds nobody: such a file says nothing about a directory, least of all who is absent.
  void verify(const std::string& file, double max_rejects_percent, bool lists_everybody) const;

 private:
  std::uint64_t records_ = 0;
  std::uint64_t present_users_ = 0;
  std::uint64_t rejected_ = 0;
  std::uint64_t anonymous_ = 0;
  std::string first_anonymous_;
  std::vector<std::string> first_rejected_;
};

}  // namespace dvsync::source::file
