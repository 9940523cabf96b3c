// Against the reference library, recorded by make_goldens.py: ids, offsets and types of real and of odd texts.
#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "tests/text/tokenizer_fixture.h"

namespace pbert::test {
namespace {

std::string GoldenPath(const std::string& name) { return POCKETBERT_TESTS_DIR "/golden/tokenizers/" + name; }

std::vector<std::string> Columns(const std::string& line) {
  std::vector<std::string> columns = {""};
  for (char c : line) {
    if (c == '\t') {
      columns.emplace_back();
    } else {
      columns.back() += c;
    }
  }
  return columns;
}

// \xNN is a byte; there is no other escape.
std::string Unescape(const std::string& text) {
  std::string bytes;
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\\') {
      bytes += static_cast<char>(std::stoi(text.substr(i + 2, 2), nullptr, 16));
      i += 3;
    } else {
      bytes += text[i];
    }
  }
  return bytes;
}

// As the golden files write tokens: id:begin-end:type, offsets in code points.
std::string Describe(const Encoding& encoding, std::string_view text, std::string_view pair) {
  std::string description;
  for (size_t i = 0; i < encoding.size; ++i) {
    OffsetCursor begin(encoding.sources[i] == TokenSource::kSecond ? pair : text), end = begin;
    description += (i == 0 ? "" : " ") + std::to_string(encoding.ids[i]) + ":" +
                   std::to_string(begin.At(encoding.begins[i]).code_points) + "-" +
                   std::to_string(end.At(encoding.ends[i]).code_points) + ":" + std::to_string(encoding.type_ids[i]);
  }
  return description;
}

void CheckCases(const std::string& name, schema::TokenizerT table) {
  TestTokenizer tokenizer(std::move(table));
  constexpr size_t kRoom = 2000;
  int cases = 0;
  for (const std::string& line : ReadLines(GoldenPath(name + ".tsv"))) {
    const std::vector<std::string> columns = Columns(line);
    REQUIRE(columns.size() >= 2);
    CAPTURE(line);
    const std::string text = Unescape(columns[0]);
    if (columns.size() == 2) {
      CHECK(Describe(tokenizer.Encoded(text, kRoom), text, "") == columns[1]);
    } else {
      const std::string pair = Unescape(columns[2]);
      CHECK(Describe(tokenizer.EncodedPair(text, pair, kRoom), text, pair) == columns[1]);
    }
    ++cases;
  }
  CHECK(cases > 100);
}

TEST_CASE("reference: bert-base-uncased, reduced") {
  CheckCases("bert-base-uncased", BertTable(ReadLines(GoldenPath("bert-base-uncased.vocab.txt"))));
}

TEST_CASE("reference: multilingual and Chinese, reduced: case and accents stay") {
  for (const std::string name : {"bert-base-multilingual-cased", "bert-base-chinese"}) {
    schema::TokenizerT table = BertTable(ReadLines(GoldenPath(name + ".vocab.txt")));
    table.lowercase = table.strip_accents = false;
    CheckCases(name, std::move(table));
  }
}

TEST_CASE("reference: odd texts and added tokens of every kind") {
  schema::TokenizerT table = BertTable(ReadLines(GoldenPath("odd.vocab.txt")));
  for (const std::string& line : ReadLines(GoldenPath("odd.added.tsv"))) {
    const std::vector<std::string> columns = Columns(line);
    REQUIRE(columns.size() == 2);
    const std::string& flags = columns[1];
    AddToken(&table, columns[0],
             {.single_word = flags[0] == '1',
              .lstrip = flags[1] == '1',
              .rstrip = flags[2] == '1',
              .normalized = flags[3] == '1'});
  }
  CheckCases("odd", std::move(table));
}

}  // namespace
}  // namespace pbert::test
