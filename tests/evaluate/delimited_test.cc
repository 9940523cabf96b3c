#include "converter/evaluate/delimited.h"

#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "converter/support/error.h"

namespace pbert::converter {
namespace {

using Fields = std::vector<std::string>;

std::vector<Fields> Csv(std::string_view text) {
  std::vector<Fields> all;
  for (auto& record : ParseDelimited(text, ',', false, "x.csv")) all.push_back(record.fields);
  return all;
}

std::vector<Fields> Tsv(std::string_view text) {
  std::vector<Fields> all;
  for (auto& record : ParseDelimited(text, '\t', true, "x.tsv")) all.push_back(record.fields);
  return all;
}

std::string FailureOf(std::string_view text) {
  try {
    (void)Csv(text);
  } catch (const Error& error) {
    return error.what();
  }
  return "";
}

TEST_CASE("plain records") {
  CHECK(Csv("") == std::vector<Fields>{});
  CHECK(Csv("a,b\nc,d\n") == std::vector<Fields>{{"a", "b"}, {"c", "d"}});
  CHECK(Csv("a,b\r\nc,d") == std::vector<Fields>{{"a", "b"}, {"c", "d"}});
  CHECK(Csv("a,\n,b\n,") == std::vector<Fields>{{"a", ""}, {"", "b"}, {"", ""}});
  CHECK(Csv("\n\r\na\n\nb\n") == std::vector<Fields>{{"a"}, {"b"}});
  CHECK(Csv("a\rb,c") == std::vector<Fields>{{"a\rb", "c"}});
}

TEST_CASE("quoted fields as RFC 4180 has them") {
  CHECK(Csv("\"a,b\",c") == std::vector<Fields>{{"a,b", "c"}});
  CHECK(Csv("\"she said \"\"hi\"\"\",x") == std::vector<Fields>{{"she said \"hi\"", "x"}});
  CHECK(Csv("\"two\nlines\",x\ny,z") == std::vector<Fields>{{"two\nlines", "x"}, {"y", "z"}});
  CHECK(Csv("\"\",\"\"\"\"") == std::vector<Fields>{{"", "\""}});
  CHECK(Csv("5\" nail,x") == std::vector<Fields>{{"5\" nail", "x"}});
  CHECK(Csv("\"a\"\r\n\"b\"") == std::vector<Fields>{{"a"}, {"b"}});
}

TEST_CASE("lines are counted through quoted line ends") {
  const auto records = ParseDelimited("a\n\"b\nb\n\",c\nd\n", ',', false, "x.csv");
  REQUIRE(records.size() == 3);
  CHECK(records[1].line == 2);
  CHECK(records[2].line == 5);
}

TEST_CASE("broken quoting names the line") {
  CHECK(FailureOf("a\nb\n\"c,d\n") == "x.csv: line 3: a quotation mark is opened and never closed");
  CHECK(FailureOf("a\n\"b\"c,d\n").starts_with("x.csv: line 2: text follows a closing quotation mark"));
}

TEST_CASE("tab-separated files may use quotation marks as ordinary characters") {
  CHECK(Tsv("\"no end\tx\n\"y\tz\n") == std::vector<Fields>{{"\"no end", "x"}, {"\"y", "z"}});
  CHECK(Tsv("\"a\tb\"\tx\n") == std::vector<Fields>{{"a\tb", "x"}});
  CHECK(Tsv("\"good\" film\tx\n") == std::vector<Fields>{{"\"good\" film", "x"}});
  CHECK(Tsv("\"a\nb\"\tx\n") == std::vector<Fields>{{"\"a"}, {"b\"", "x"}});
}

}  // namespace
}  // namespace pbert::converter
