// Writes a made-up tenant to standard output: input for benchmarks, tests and demonstrations.

#include <CLI/CLI.hpp>
#include <cstdint>
#include <cstdio>
#include <string>

#include "tenant.hpp"
#include "tenant_format.hpp"

namespace {

using dvsync::bench::Tenant;
using dvsync::bench::TenantFormat;
using dvsync::bench::TenantOptions;

struct Delta {
  std::uint64_t of = 0;       // users of the tenant; 0: no delta
  std::uint64_t changed = 0;  // how many of them changed
};

// Standard output in large pieces.
class Output {
 public:
  ~Output() { write(); }
  std::string& text() { return text_; }
  void write_if_large() {
    if (text_.size() > piece) write();
  }

 private:
  static constexpr std::size_t piece = std::size_t{1} << 20U;
  void write() {
    std::fwrite(text_.data(), 1, text_.size(), stdout);
    text_.clear();
  }
  std::string text_;
};

void write_tenant(const Tenant& tenant, TenantFormat& format, Output& output) {
  const TenantOptions& options = tenant.options();
  format.begin(output.text());
  for (std::uint64_t i = 0; i < options.users; ++i) {
    format.user(tenant.user(i), output.text());
    output.write_if_large();
  }
  for (std::uint64_t group = 1; group <= options.groups; ++group) {
    format.begin_group(group, output.text());
    for (std::uint64_t i = 0; i < options.users; ++i) {
      if (tenant.is_member(i, group)) format.member(tenant.user(i), output.text());
      output.write_if_large();
    }
    format.end_group(output.text());
  }
  for (unsigned role = 0; role < 3 && options.admins > 0; ++role) {
    format.begin_role(role, output.text());
    for (std::uint64_t i = role; i < options.admins; i += 3) format.member(tenant.user(i), output.text());
    format.end_role(output.text());
  }
}

// Spread evenly over the tenant.
void write_delta(const Tenant& tenant, const Delta& delta, TenantFormat& format, Output& output) {
  format.begin(output.text());
  for (std::uint64_t i = 0; i < delta.changed && i < delta.of; ++i) {
    format.changed_user(tenant.user(i * delta.of / delta.changed, true), output.text());
    output.write_if_large();
  }
}

}  // namespace

int main(int argc, char** argv) {
  TenantOptions options;
  Delta delta;
  std::string format_name = "graph-jsonl";
  CLI::App app("Writes a made-up tenant to standard output; the same for the same options");
  const CLI::Range percent(0.0, 100.0);
  app.add_option("--users", options.users, "How many users");
  app.add_option("--seed", options.seed, "Another seed, another tenant");
  app.add_option("--groups", options.groups, "Security groups 3f6b2c1e-0000-4000-8000-000000000001 and following");
  app.add_option("--group-share", options.group_share, "Percent of the users in each group")->check(percent);
  app.add_option("--admins", options.admins, "Administrators, over the three roles in turn");
  app.add_option("--guests", options.guests, "Percent")->check(percent);
  app.add_option("--unlicensed", options.unlicensed, "Percent without any plan")->check(percent);
  app.add_option("--free", options.free, "Percent with free plans only")->check(percent);
  app.add_option("--disabled", options.disabled, "Percent of disabled accounts")->check(percent);
  app.add_option("--change", options.change, "Percent of users changed since the same seed without this")
      ->check(percent);
  app.add_option("--format", format_name)->check(CLI::IsMember({"graph-jsonl", "m365-csv", "ldif"}));
  CLI::Option* of = app.add_option("--delta-of", delta.of, "A delta to the tenant of that many users instead");
  app.add_option("--changed", delta.changed, "How many users the delta changes")->needs(of);
  CLI11_PARSE(app, argc, argv);

  const auto format = dvsync::bench::make_tenant_format(format_name);
  if (delta.of > 0) options.users = delta.of;
  Output output;
  if (delta.of > 0) {
    write_delta(Tenant(options), delta, *format, output);
  } else {
    write_tenant(Tenant(options), *format, output);
  }
  return 0;
}
