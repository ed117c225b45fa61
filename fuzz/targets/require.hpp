#pragma once
// What must hold for every input; a fuzzer stops at what does not.

#include <cstdio>
#include <cstdlib>

#define REQUIRE(condition)                                   \
  do {                                                       \
    if (!(condition)) {                                      \
      std::fputs("does not hold: " #condition "\n", stderr); \
      std::abort();                                          \
    }                                                        \
  } while (false)
