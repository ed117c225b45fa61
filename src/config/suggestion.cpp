#include "dvsync/config/suggestion.hpp"

#include <algorithm>
#include <numeric>
#include <vector>

namespace dvsync::config {
namespace {

constexpr std::size_t most_edits = 2;

}  // namespace

std::size_t edit_distance(std::string_view left, std::string_view right) {
  std::vector<std::size_t> before_last(right.size() + 1);
  std::vector<std::size_t> last(right.size() + 1);
  std::vector<std::size_t> row(right.size() + 1);
  std::iota(row.begin(), row.end(), std::size_t{0});
  for (std::size_t i = 1; i <= left.size(); ++i) {
    std::swap(before_last, last);
    std::swap(last, row);
    row[0] = i;
    for (std::size_t j = 1; j <= right.size(); ++j) {
      const std::size_t replaced = last[j - 1] + (left[i - 1] == right[j - 1] ? 0 : 1);
      row[j] = std::min({last[j] + 1, row[j - 1] + 1, replaced});
      if (i > 1 && j > 1 && left[i - 1] == right[j - 2] && left[i - 2] == right[j - 1]) {
        row[j] = std::min(row[j], before_last[j - 2] + 1);
      }
    }
  }
  return row.back();
}

std::optional<std::string> nearest(std::string_view word, std::span<const std::string_view> words) {
  std::optional<std::string> best;
  std::size_t least = most_edits + 1;
  for (const auto candidate : words) {
    const auto longer = std::max(word.size(), candidate.size());
    if (longer > std::min(word.size(), candidate.size()) + most_edits) continue;
    const auto distance = edit_distance(word, candidate);
    if (distance < least && distance * 2 <= longer) {
      least = distance;
      best = candidate;
    }
  }
  return best;
}

std::string did_you_mean(std::string_view word, std::span<const std::string_view> words) {
  const auto meant = nearest(word, words);
  return meant ? ": did you mean `" + *meant + "`?" : "";
}

}  // namespace dvsync::config
