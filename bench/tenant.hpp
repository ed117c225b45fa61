#pragma once
// A made-up tenant: the same for the same seed, any part of it computed on its own, so that a million users need no
// memory.

#include <cstdint>
#include <string>
#include <string_view>

namespace dvsync::bench {

struct TenantOptions {
  std::uint64_t users = 1'000;
  std::uint64_t seed = 1;
  std::uint64_t groups = 0;
  double group_share = 50;   // percent of the users in each group
  std::uint64_t admins = 0;  // the first ones, over the three roles in turn
  double guests = 5;
  double unlicensed = 20;
  double free = 20;
  double disabled = 2;
  double change = 0;  // percent of the users whose profile differs from that of the same seed without this
};

enum class Plans : std::uint8_t { none, free, full };

struct TenantUser {
  std::string id;
  std::string user_name;
  std::string given_name;
  std::string surname;
  std::string display_name;
  std::string job_title;
  std::string business_phone;
  std::string mobile_phone;
  std::string street;
  std::string city;
  std::string state;
  std::string postal_code;
  std::string_view country;
  bool enabled = true;
  bool guest = false;
  Plans plans = Plans::full;
};

class Tenant {
 public:
  explicit Tenant(const TenantOptions& options) : options_(options) {}

  [[nodiscard]] const TenantOptions& options() const { return options_; }
  // `changed`: as --change alters it.
  [[nodiscard]] TenantUser user(std::uint64_t index, bool changed) const;
  [[nodiscard]] TenantUser user(std::uint64_t index) const { return user(index, is_changed(index)); }
  [[nodiscard]] std::string user_id(std::uint64_t index) const;
  [[nodiscard]] bool is_member(std::uint64_t index, std::uint64_t group) const;

  // From 1 on: 3f6b2c1e-0000-4000-8000-000000000001 …
  [[nodiscard]] static std::string group_id(std::uint64_t group);

 private:
  [[nodiscard]] std::uint64_t random(std::uint64_t index, std::uint64_t purpose) const;
  [[nodiscard]] bool falls(std::uint64_t index, std::uint64_t purpose, double percent) const;
  [[nodiscard]] bool is_changed(std::uint64_t index) const;

  TenantOptions options_;
};

}  // namespace dvsync::bench
