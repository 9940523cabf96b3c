// Leaving a test out, loudly, when something that it needs is not on this machine.

#ifndef POCKETBERT_TESTS_SUPPORT_SKIP_H_
#define POCKETBERT_TESTS_SUPPORT_SKIP_H_

#include <cstdlib>
#include <filesystem>
#include <string>

namespace pbert::test {

// Counts the running test case as skipped and prints why. The test case should return.
void Skip(const std::string& reason);

// A file or folder of ../shared: models, data and goldens that are too big for the repository.
inline std::filesystem::path Shared(const std::string& path) {
  const char* given = std::getenv("POCKETBERT_SHARED");
  return std::filesystem::path(given ? given : POCKETBERT_SHARED_DIR) / path;
}

}  // namespace pbert::test

// Ends the test case as skipped unless ../shared has PATH.
#define PBERT_NEEDS_SHARED(path)                                                                  \
  do {                                                                                            \
    if (!std::filesystem::exists(::pbert::test::Shared(path))) {                                  \
      ::pbert::test::Skip("no " + ::pbert::test::Shared(path).string() + " (POCKETBERT_SHARED)"); \
      return;                                                                                     \
    }                                                                                             \
  } while (false)

#endif  // POCKETBERT_TESTS_SUPPORT_SKIP_H_
