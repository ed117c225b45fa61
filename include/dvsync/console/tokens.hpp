#pragma once
// Bearer tokens for the console's TCP address: a file of names, roles and hashes. A token itself is shown once and kept
// nowhere.

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace dvsync::console {

// What somebody may do in the console.
enum class Role : std::uint8_t { viewer, operating };
[[nodiscard]] std::string_view name_of(Role role);  // "viewer", "operator"

struct TokenHolder {
  std::string name;
  Role role = Role::viewer;
  std::string hash = {};  // SHA-256 of the token, in hexadecimal digits
};

// All throw Error: the file cannot be read or written, or holds something else.

// Empty where there is no file.
[[nodiscard]] std::vector<TokenHolder> read_tokens(const std::filesystem::path& file);
// A new token for `name`, instead of the one they had. Made for the daemon: the file belongs to whom it belonged to, or
// to the owner of its folder.
[[nodiscard]] std::string add_token(const std::filesystem::path& file, const std::string& name, Role role);
// False: there was none.
[[nodiscard]] bool remove_token(const std::filesystem::path& file, const std::string& name);
// Whether a name can stand in the file: letters, digits, and . _ @ -
[[nodiscard]] bool is_token_name(std::string_view name);

// Whose token this is. Takes as long for a wrong one as for a right one.
[[nodiscard]] std::optional<TokenHolder> holder_of(const std::vector<TokenHolder>& holders, std::string_view token);

}  // namespace dvsync::console
