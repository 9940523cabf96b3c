#include <doctest/doctest.h>

#include "tests/intents/sentence_files.h"

namespace pbert::converter {
namespace {

// An intent `a` with this example, and another intent.
std::string WithExample(const std::string& example) {
  return "nlu:\n- intent: a\n  examples: |\n    - " + example + "\n- intent: b\n  examples: |\n    - other\n";
}

Strings SlotsOfExample(const std::string& example) {
  return SlotsOf(ReadFrom("a.yml", WithExample(example)).sentences[0]);
}
std::string TextOfExample(const std::string& example) {
  return ReadFrom("a.yml", WithExample(example)).sentences[0].text;
}

constexpr char kBot[] = R"(version: "3.1"

# a comment
nlu:
- intent: greet
  examples: |
    - hey
    -   hello there  

    - "quoted" # no comment
- intent: faq/ask_name
  metadata: {sentiment: neutral}
  examples:
  - text: |
      who are you
    metadata:
      sentiment: curious
  - what's [your name](thing)
- synonym: Berlin
  examples: |
    - spree city
    - BER
- regex: zip
  examples: |
    - [0-9]{5}
- lookup: city
  examples: |
    - Rome
- intent: book
  examples: &booked |
    - to [Spree City](city)
    - from [münchen](city:Munich) to [LA]{"entity": "city", "value": "Los Angeles", "role": "to", "group": "1"}
    no example
- intent: book_again
  examples: *booked
- intent: unknown
stories:
- story: happy
  steps:
  - intent: greet
rules: []
)";

TEST_CASE("Rasa: a file with everything") {
  for (const bool windows : {false, true}) {
    std::string text = kBot;
    if (windows) {
      for (size_t at = 0; (at = text.find('\n', at)) != std::string::npos; at += 2) text.replace(at, 1, "\r\n");
      text = "\xEF\xBB\xBF" + text;
    }
    const SentenceSet set = ReadFrom("nlu.yaml", text);
    CHECK(set.name == "nlu.yaml");
    REQUIRE(set.sources.size() == 1);
    const auto& s = set.sentences;
    REQUIRE(s.size() == 9);
    CHECK((s[0].text == "hey" && s[0].intent == "greet" && s[0].line == 7));
    CHECK((s[1].text == "hello there" && s[1].line == 8));
    CHECK((s[2].text == "\"quoted\" # no comment" && s[2].line == 10));
    CHECK((s[3].text == "who are you" && s[3].intent == "faq/ask_name" && s[3].line == 15));
    CHECK((s[4].text == "what's your name" && s[4].line == 18));
    CHECK(SlotsOf(s[4]) == Strings{"thing=your name"});
    CHECK((s[5].text == "to Spree City" && s[5].intent == "book" && s[5].line == 31));
    CHECK(SlotsOf(s[5]) == Strings{"city=Spree City>Berlin"});
    CHECK(s[6].text == "from münchen to LA");
    CHECK(SlotsOf(s[6]) == Strings{"city=münchen>Munich", "city/to=LA>Los Angeles"});
    CHECK((s[6].slots[0].begin == 5 && s[6].slots[0].end == 13 && s[6].slots[1].begin == 17));
    CHECK((s[8].text == s[6].text && s[8].intent == "book_again" && s[8].line == 32));
    REQUIRE(set.synonyms.size() == 3);
    CHECK((set.synonyms[0].value == "Berlin" && set.synonyms[0].texts == Strings{"spree city", "BER"}));
    CHECK((set.synonyms[2].value == "Los Angeles" && set.synonyms[2].texts == Strings{"LA"}));
    CHECK(set.notes == Strings{"2 entities' groups", "1 intent without examples", "2 items' metadata",
                               "2 lines of examples that do not begin with `-`", "1 lookup table", "1 regex",
                               "1 section `rules`", "1 section `stories`"});
  }
}

TEST_CASE("Rasa: synonyms in any letters; annotations count above them, and the last of several") {
  const SentenceSet set = ReadFrom("a.yml", R"(nlu:
- intent: a
  examples: |
    - [ÖSTERREICH](country)
    - [NYC](city:New York)
    - [nyc](city)
    - [new york](city)
    - [New York](city)
    - [Big Apple](city)
- intent: b
  examples: ['[Wien](city)', other]
- synonym: Austria
  examples: "- Österreich"
- synonym: NY City
  examples: |
    - Nyc
    - big apple
- synonym: Big
  examples: |
    - Big apple
)");
  Strings all;
  for (const Sentence& sentence : set.sentences) {
    for (const std::string& slot : SlotsOf(sentence)) all.push_back(slot);
  }
  CHECK(all == Strings{"country=ÖSTERREICH>Austria", "city=NYC>New York", "city=nyc>New York", "city=new york>New York",
                       "city=New York", "city=Big Apple>Big", "city=Wien"});
  CHECK(set.notes == Strings{"2 values of texts that have others (the last counts)"});
}

TEST_CASE("Rasa: annotations as Rasa has them") {
  CHECK(SlotsOfExample("[a b](c:d:e f) [g](h)") == Strings{"c=a b>d:e f", "h=g"});
  CHECK(SlotsOfExample(R"([x][{"entity": "e"}])") == Strings{"e=x"});
  CHECK(SlotsOfExample(R"([x]{"entity": "e", "value": 3, "role": "\u00e9"})") == Strings{"e/é=x>3"});
  CHECK(SlotsOfExample("[x](e:x)") == Strings{"e=x"});
  CHECK(SlotsOfExample("[ x](e)") == Strings{"e=x"});
  for (const std::string text : {"see [1] (page 3)", "press [ctrl][c]", "a ] b", "[", "[]", R"(a \[b\] \n "c")",
                                 "(a) {b}", "\xF0\x9F\x98\x80 [\xF0\x9F\x98\x80]"}) {
    CHECK(TextOfExample(text) == text);
  }
}

TEST_CASE("Rasa: nothing but brackets takes no longer than words") {
  for (const std::string& text :
       {std::string(300000, '['), std::string(300000, '[') + "]x", std::string(300000, ']')}) {
    CHECK(TextOfExample(text) == text);
  }
}

TEST_CASE("Rasa: annotations with mistakes") {
  const auto check = [](const std::string& example, const std::string& why) {
    const std::string error = ErrorFrom("a.yml", WithExample(example));
    CHECK(Holds(error, "a.yml: line 4: "));
    CHECK(Holds(error, why));
  };
  check("to [Rome(city)", "without `]`");
  check("to [Rome](city", "without `)`");
  check("to [Rome]{\"entity\": \"city\"", "without `}`");
  check("to [Rome]()", "without a name");
  check("to [Rome](:x)", "without a name");
  check("to [Rome](city:)", "no value");
  check("to [](city)", "without a text");
  check("to [ ](city)", "blank");
  check("to [a [b](c)](d)", "inside another");
  check("to [a](b) c](d)", "inside another");
  check("to [Rome]{entity: city}", "not JSON");
  check("to [Rome]{\"role\": \"to\"}", "without its name");
  check("to [Rome]{\"entity\": \"city\", \"vlaue\": \"x\"}", "no key `vlaue`: did you mean `value`");
  check("to [Rome]{\"entity\": [1]}", "`entity` is no string");
  check("to [Rome][{\"entity\": \"a\"}, {\"entity\": \"b\"}]", "several entities");
  check("", "blank");
}

TEST_CASE("Rasa: files with mistakes") {
  const auto check = [](const std::string& content, const std::string& message) {
    CHECK(Holds(ErrorFrom("a.yml", content), message));
  };
  check("", "this has none");
  check("- a\n", "this has none");
  check("domain: {}\n", "this has none");
  check("type: intent\nname: a\nutterances: [b]\n", "snips-nlu generate-dataset");
  check("nlu:\n", "no sentence");
  check("nlu: {}\n", "line 1: `nlu` is no list");
  check("nlu:\n- intents: a\n",
        "line 2: an item of `nlu` is an intent, a synonym, a regex or a lookup, by the key of this "
        "name: did you mean `intent`?");
  check("nlu:\n- just a text\n", "line 2: an item");
  check("nlu:\n- intent:\n  examples: |\n    - a\n", "line 2: the intent's name is empty");
  check("nlu:\n- intent: ''\n", "line 2: the intent's name is empty");
  check("nlu:\n- intent: [a]\n", "line 2: `intent` is no name");
  check("nlu:\n- intent: a\n  examples: >\n    - a\n    - b\n", "line 3: examples, a line each, begin with");
  check("nlu:\n- intent: a\n  examples: {b: c}\n", "line 3: `examples` is neither");
  check("nlu:\n- intent: a\n  examples:\n  - b: c\n", "line 4: an example in a list");
  check("nlu:\n- intent: a\n  examples:\n  - [b](c)\n", "line 4: ");
  check("nlu:\n- intent: a\n  examples: |\n    - b\n    -\n", "line 5: the sentence is blank");
  check("nlu:\n- intent: a\n  examples: |\n    - b\n", "all its sentences have the intent `a`");
  check("nlu:\n- synonym: a\n  examples: |\n    -  \n", "line 4: an example of the synonym `a` is blank");
  check("nlu:\n- intent: a\n  intent: b\n", "line 2: the key `intent` is there twice");
  check("nlu: []\n---\nnlu: []\n", "a second document");
  check("nlu:\n  - a\n - b\n", "not YAML: ");
  check("nlu: [a\n", "not YAML: ");
  check("nlu:\n- 'a\n\n  \n", "not YAML: ");
  check("nlu:\n- intent: \"a\n  examples: |\n    - b\n", "not YAML: ");
  check("a: b\nc: d: e\n", "line 2: not YAML");
  check("nlu: []\na: *b\n", "line 2: not YAML");
  check("nlu: [a\x04]\n", "line 1: a control character");
  check("nlu:\n- \xFF\n", "line 2: not UTF-8");
  CHECK(Holds(ErrorFrom("a.yml:train", "nlu: []"), "train"));
}

TEST_CASE("Rasa: a folder of files, at any depth") {
  const SentenceFiles files;
  files.Write("domain.yml", "version: '3.1'\nintents: [a, b]\n");
  files.Write("data/stories.yml", "stories: []\n");
  files.Write("data/list.yaml", "- a\n");
  files.Write("data/nlu/b.yml", "nlu:\n- intent: b\n  examples: |\n    - [x](e)\n");
  files.Write("data/nlu/a.yml", "nlu:\n- intent: a\n  examples: |\n    - hi\n    - ho\n");
  files.Write("data/synonyms.yml", "nlu:\n- synonym: y\n  examples: |\n    - x\n");
  files.Write(".hidden/a.yml", "no: [yaml");
  files.Write("readme.txt", "hello");
  const SentenceSet set = ReadSentences(files.path.string());
  REQUIRE(set.sentences.size() == 3);
  CHECK(set.sentences[0].intent == "a");
  CHECK(SlotsOf(set.sentences[2]) == Strings{"e=x>y"});
  CHECK(set.sources[set.sentences[2].source].ends_with("data/nlu/b.yml"));
  CHECK(set.notes == Strings{"1 file without `nlu`", "1 section `intents`", "1 section `stories`"});
  CHECK(ReadSentences(files.path.string() + ":data").sentences.size() == 3);
  files.Write("data/nlu/c.yml", "nlu:\n- intent: b\n  examples: |\n    - [x]{}\n");
  CHECK(Holds(ErrorOfSentences(files.path.string()), "data/nlu/c.yml: line 4: "));
}

}  // namespace
}  // namespace pbert::converter
