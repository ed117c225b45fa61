#pragma once
// What became of the identities of a batch or a run. Every identity counts once, under its weightiest change, so the
// numbers always add up.

#include <array>
#include <cstdint>
#include <string_view>

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

  Counters& operator+=(const Counters& other);
  [[nodiscard]] std::int64_t changed() const { return created + updated + enabled + disabled; }
  [[nodiscard]] bool add_up() const { return seen == changed() + unchanged + ignored + rejected + held; }
  bool operator==(const Counters&) const = default;
};

// Every counter by its name, in the order in which tables, logs and answers list them.
struct NamedCounter {
  std::string_view name;
  std::int64_t Counters::*value;
};
inline constexpr std::array<NamedCounter, 9> named_counters{{{"seen", &Counters::seen},
                                                             {"created", &Counters::created},
                                                             {"updated", &Counters::updated},
                                                             {"enabled", &Counters::enabled},
                                                             {"disabled", &Counters::disabled},
                                                             {"unchanged", &Counters::unchanged},
                                                             {"ignored", &Counters::ignored},
                                                             {"rejected", &Counters::rejected},
                                                             {"held", &Counters::held}}};
static_assert(sizeof(Counters) == named_counters.size() * sizeof(std::int64_t));

inline Counters& Counters::operator+=(const Counters& other) {
  for (const auto& counter : named_counters) this->*counter.value += other.*counter.value;
  return *this;
}

}  // namespace dvsync::core
