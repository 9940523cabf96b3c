// main() of every test executable. Ends with one line that says what ran: tests are never left out silently.
//
// Exit status: 0 passed, 77 everything was skipped (ctest then says "Skipped"), else failed.

#define DOCTEST_CONFIG_IMPLEMENT
#include <doctest/doctest.h>

#include <cstdio>
#include <set>
#include <string>

#include "tests/support/skip.h"

namespace pbert::test {
namespace {

// Test cases by name and place, since doctest counts neither skips made while running nor their reasons.
std::set<std::string>& Skipped() {
  static std::set<std::string> skipped;
  return skipped;
}

std::string current_test;

struct Summary : doctest::IReporter {
  explicit Summary(const doctest::ContextOptions&) {}
  void test_case_start(const doctest::TestCaseData& test) override {
    current_test = std::string(test.m_name) + " (" + test.m_file.c_str() + ":" + std::to_string(test.m_line) + ")";
  }
  void test_run_end(const doctest::TestRunStats& stats) override {
    run = stats.numTestCasesPassingFilters;
    failed = stats.numTestCasesFailed;
  }
  void report_query(const doctest::QueryData&) override {}
  void test_run_start() override {}
  void test_case_reenter(const doctest::TestCaseData&) override {}
  void test_case_end(const doctest::CurrentTestCaseStats&) override {}
  void test_case_exception(const doctest::TestCaseException&) override {}
  void subcase_start(const doctest::SubcaseSignature&) override {}
  void subcase_end() override {}
  void log_assert(const doctest::AssertData&) override {}
  void log_message(const doctest::MessageData&) override {}
  void test_case_skipped(const doctest::TestCaseData&) override {}

  static inline unsigned run = 0;
  static inline unsigned failed = 0;
};
DOCTEST_REGISTER_LISTENER("summary", 1, Summary);

}  // namespace

void Skip(const std::string& reason) {
  if (Skipped().insert(current_test).second) {
    std::printf("SKIPPED: %s: %s\n", current_test.c_str(), reason.c_str());
  }
}

}  // namespace pbert::test

int main(int argc, char** argv) {
  using namespace pbert::test;
  const int status = doctest::Context(argc, argv).run();
  const auto skipped = static_cast<unsigned>(Skipped().size());
  std::printf("[pocketbert] %u passed, %u failed, %u skipped\n", Summary::run - Summary::failed - skipped,
              Summary::failed, skipped);
  return status == 0 && skipped > 0 && skipped == Summary::run ? 77 : status;
}
