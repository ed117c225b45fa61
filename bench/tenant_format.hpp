#pragma once
// How a made-up tenant is written in each of the formats that the file source reads.

#include <cstdint>
#include <memory>
#include <string>

#include "tenant.hpp"

namespace dvsync::bench {

// Appends to `out`; the caller writes it away between calls, except that a group is one piece.
class TenantFormat {
 public:
  virtual ~TenantFormat() = default;
  virtual void begin(std::string& out) = 0;
  virtual void user(const TenantUser& user, std::string& out) = 0;
  virtual void begin_group(std::uint64_t group, std::string& out) = 0;
  virtual void member(const TenantUser& user, std::string& out) = 0;
  virtual void end_group(std::string& out) = 0;
  // 0 to 2: Global, Power Platform and Dynamics 365 Administrator.
  virtual void begin_role(unsigned role, std::string& out) = 0;
  virtual void end_role(std::string& out) = 0;
  // A delta that names the changed properties only. False: this format has none.
  virtual bool changed_user(const TenantUser& user, std::string& out) = 0;
};

// "graph-jsonl", "m365-csv" (users only) or "ldif" (no roles); null for anything else.
[[nodiscard]] std::unique_ptr<TenantFormat> make_tenant_format(const std::string& name);

}  // namespace dvsync::bench
