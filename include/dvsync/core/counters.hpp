#pragma once
// What became of the identities of a batch or a run. Every identity counts once, under its weightiest change, so the
// numbers always add up.

#include <cstdint>

#include "dvsync/core/plan.hpp"

namespace dvsync::core {

struct Counters {
  std::int64_t seen = 0;
  std::int64_t created = 0;
  std::int64_t updated = 0;
  std::int64_t enabled = 0;
  std::int64_t disabled = 0;
  std::int64_t unchanged = 0;
  std::int64_t ignored = 0;
  std::int64_t rejected = 0;
  std::int64_t held = 0;

  // An executed change. A row that is rejected and yet disabled counts as disabled; the rejection is listed besides.
  void count_change(Decision action) {
    ++seen;
    switch (action) {
      case Decision::create:
        ++created;
        break;
      case Decision::enable:
        ++enabled;
        break;
      case Decision::disable:
        ++disabled;
        break;
      case Decision::update:
      case Decision::keep:
      case Decision::ignore:
      case Decision::refuse:
        ++updated;
        break;
    }
  }
  // An identity for which nothing is to be done.
  void count_quiet(const Planned& planned, bool has_row) {
    ++seen;
    if (planned.rejection) {
      ++rejected;
    } else if (has_row && planned.decision != Decision::ignore) {
      ++unchanged;
    } else {
      ++ignored;
    }
  }
  void count_rejected() { ++seen, ++rejected; }
  void count_held() { ++seen, ++held; }

  Counters& operator+=(const Counters& other) {
    seen += other.seen;
    created += other.created;
    updated += other.updated;
    enabled += other.enabled;
    disabled += other.disabled;
    unchanged += other.unchanged;
    ignored += other.ignored;
    rejected += other.rejected;
    held += other.held;
    return *this;
  }
  [[nodiscard]] std::int64_t changed() const { return created + updated + enabled + disabled; }
  [[nodiscard]] bool add_up() const { return seen == changed() + unchanged + ignored + rejected + held; }
  bool operator==(const Counters&) const = default;
};

}  // namespace dvsync::core
