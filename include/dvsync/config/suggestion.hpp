#pragma once
// What a misspelt word was probably meant to be.

#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace dvsync::config {

// Damerau-Levenshtein distance (optimal string alignment): insertions, deletions, substitutions and swaps of
// neighbours.
[[nodiscard]] std::size_t edit_distance(std::string_view left, std::string_view right);

// The nearest of the words, at most two edits away and with at least half of it right.
[[nodiscard]] std::optional<std::string> nearest(std::string_view word, std::span<const std::string_view> words);

// ": did you mean `nearest`?", or nothing.
[[nodiscard]] std::string did_you_mean(std::string_view word, std::span<const std::string_view> words);

}  // namespace dvsync::config
