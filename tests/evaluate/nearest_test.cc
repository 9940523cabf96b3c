#include "converter/support/nearest.h"

#include <doctest/doctest.h>

namespace pbert::converter {
namespace {

TEST_CASE("edit distance") {
  CHECK(EditDistance("", "") == 0);
  CHECK(EditDistance("", "abc") == 3);
  CHECK(EditDistance("abc", "abc") == 0);
  CHECK(EditDistance("kitten", "sitting") == 3);
  CHECK(EditDistance("tokens", "tokesn") == 1);  // neighbours swapped
  CHECK(EditDistance("ca", "abc") == 3);         // no letter is moved twice
}

TEST_CASE("the nearest word, or none") {
  const std::vector<std::string> words = {"convert", "compare", "chat", "run"};
  CHECK(Nearest("covnert", words) == "convert");
  CHECK(Nearest("comp", words) == "compare");
  CHECK(Nearest("rnu", words) == "run");
  CHECK(Nearest("weather", words).empty());
  CHECK(Nearest("", words).empty());
  CHECK(Nearest(std::string(1000, 'a'), words).empty());
  CHECK(DidYouMean("cht", words) == ": did you mean `chat`?");
  CHECK(DidYouMean("xyzzy", words).empty());
}

}  // namespace
}  // namespace pbert::converter
