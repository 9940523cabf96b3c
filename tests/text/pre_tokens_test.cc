// Where a text is split, by each pre-tokenizer and by several in a row. What is expected is what the reference does.
#include "text/pre_tokens.h"

#include <doctest/doctest.h>

#include "tests/text/prepared_fixture.h"

namespace pbert::test {
namespace {

using schema::Prepend;
using schema::PreTokenizerKind;

TEST_CASE("GPT-2's pattern") {
  schema::TokenizerT table = UnigramTable({{"u", 0}});
  AddPreTokenizer(&table, PreTokenizerKind::ByteLevel);
  const auto split = [&](std::string_view text) { return PreTokensOf(*table.preparation, text); };
  CHECK(split("Hello world") == "Hello| world");
  CHECK(split("Hello   world") == "Hello|  | world");
  CHECK(split("a\n\n b") == "a|\n\n| b");
  CHECK(split("a\n \tb") == "a|\n |\t|b");
  CHECK(split("  ") == "  ");
  CHECK(split(" a  ") == " a|  ");
  CHECK(split("I'll we've it's 'Tis don't") == "I|'ll| we|'ve| it|'s| '|Tis| don|'t");
  CHECK(split("!'s 's ''s 'll'") == "!'|s| '|s| ''|s| '|ll|'");  // only where a pre-token may begin
  CHECK(split("'s't're'r'v'l") == "'s|'t|'re|'|r|'|v|'|l");
  CHECK(split("abc123 45.6!? x") == "abc|123| 45|.|6|!?| x");
  CHECK(split("中文 ½Ⅳ٣x\xcc\x81y") == "中文| ½Ⅳ٣|x|\xcc\x81|y");
  CHECK(split("\xc2\xa0x \xe3\x80\x80y") == "\xc2\xa0|x| |\xe3\x80\x80|y");

  table.preparation->pre_tokenizers[0]->prepend = Prepend::Always;
  CHECK(split("a b") == " a| b");
  CHECK(split(" a") == " a");
  CHECK(split("\na") == " |\n|a");
  CHECK(split("") == "");
  CHECK(Prepared(*table.preparation, "ab") == " :0-1 a:0-1 b:1-2");
  table.preparation->pre_tokenizers[0]->split = false;
  CHECK(split("a b's") == " a b's");
}

TEST_CASE("Metaspace") {
  schema::TokenizerT table = UnigramTable({{"u", 0}});
  schema::PreTokenizerStepT* step = AddPreTokenizer(&table, PreTokenizerKind::Metaspace);
  const auto split = [&](std::string_view text) { return PreTokensOf(*table.preparation, text); };
  step->prepend = Prepend::Always;
  CHECK(split("a b  c ") == "▁a|▁b|▁|▁c|▁");
  CHECK(split(" a▁b") == "▁a|▁b");
  CHECK(split("a\tb") == "▁a\tb");
  CHECK(Prepared(*table.preparation, "a b") == "▁:0-1 a:0-1 |▁:1-2 b:2-3");
  step->split = false;
  CHECK(split("a b  c") == "▁a▁b▁▁c");
  step->prepend = Prepend::Never;
  CHECK(split("a b") == "a▁b");
  step->split = true;
  step->replacement = '_';
  CHECK(split("a b") == "a|_b");
}

TEST_CASE("spaces, words and signs, BERT's; and Metaspace behind them") {
  schema::TokenizerT table = UnigramTable({{"u", 0}});
  schema::PreTokenizerStepT* step = AddPreTokenizer(&table, PreTokenizerKind::Spaces);
  const auto split = [&](std::string_view text) { return PreTokensOf(*table.preparation, text); };
  CHECK(split("  a,b \n c\xe3\x80\x80") == "a,b|c");
  step->kind = PreTokenizerKind::WordsAndSigns;
  CHECK(split("a_b1 c!? é--x") == "a_b1|c|!?|é|--|x");
  step->kind = PreTokenizerKind::Bert;
  CHECK(split("a,,b c") == "a|,|,|b|c");

  step->kind = PreTokenizerKind::Spaces;
  step = AddPreTokenizer(&table, PreTokenizerKind::Metaspace);
  step->prepend = Prepend::Always;
  CHECK(split(" a  b") == "▁a|▁b");
  step->prepend = Prepend::First;
  CHECK(split("a  b") == "▁a|b");
  CHECK(split(" a  b") == "a|b");  // the text does not begin with the word
}

}  // namespace
}  // namespace pbert::test
