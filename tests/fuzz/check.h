// What a fuzz target says of something that must hold for every input.
#ifndef POCKETBERT_TESTS_FUZZ_CHECK_H_
#define POCKETBERT_TESTS_FUZZ_CHECK_H_

#include <cstdio>
#include <cstdlib>

// Ends the process as a crash does, so that the fuzzer keeps the input.
#define FUZZ_CHECK(condition)                                                             \
  do {                                                                                    \
    if (!(condition)) {                                                                   \
      std::fprintf(stderr, "%s:%d: does not hold: %s\n", __FILE__, __LINE__, #condition); \
      std::abort();                                                                       \
    }                                                                                     \
  } while (false)

#endif  // POCKETBERT_TESTS_FUZZ_CHECK_H_
