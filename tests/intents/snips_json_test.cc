#include <doctest/doctest.h>

#include "tests/intents/sentence_files.h"

namespace pbert::converter {
namespace {

TEST_CASE("Snips: a data set") {
  const SentenceSet set = ReadFrom("s.json", R"({"language": "en",
    "intents": {
      "fly": {"utterances": [
        {"data": [{"text": " to "}, {"text": "PARÍS", "entity": "city", "slot_name": "dest"},
                  {"text": " from "}, {"text": "Rome ", "entity": "city", "slot_name": "origin"}]},
        {"data": [{"text": "to "}, {"text": "city of light", "entity": "place", "slot_name": "dest"}]},
        {"data": [{"text": "to "}, {"text": "Lutetia", "entity": "city"}, {"text": "!", "entity": null}]}]},
      "none": {"utterances": []},
      "greet": {"utterances": [{"data": [{"text": "h"}, {"text": "i"}]}]}},
    "entities": {
      "snips/number": {},
      "city": {"data": [{"value": "París", "synonyms": ["City of Light", "lutetia"]}, {"value": "Roma", "synonyms": []}],
               "use_synonyms": true, "automatically_extensible": true, "matching_strictness": 1.0},
      "other": {"data": [{"value": "x", "synonyms": ["rome"]}], "use_synonyms": false},
      "dest": {"data": [{"value": "y", "synonyms": ["city of light"]}], "regex": "z"}}})");
  REQUIRE(set.sentences.size() == 4);
  const auto& s = set.sentences;
  CHECK((s[0].text == "to PARÍS from Rome" && s[0].intent == "fly" && s[0].line == 1));
  CHECK(SlotsOf(s[0]) == Strings{"dest=PARÍS>París", "origin=Rome"});
  CHECK((s[0].slots[0].begin == 3 && s[0].slots[0].end == 9));
  CHECK(SlotsOf(s[1]) == Strings{"dest=city of light"});  // of another entity than the synonyms
  CHECK(s[2].text == "to Lutetia!");
  CHECK(SlotsOf(s[2]) == Strings{"city=Lutetia>París"});
  CHECK((s[3].text == "hi" && s[3].intent == "greet" && s[3].slots.empty()));
  CHECK(set.sources[s[3].source].ends_with("s.json: intent `greet`"));
  REQUIRE(set.synonyms.size() == 2);
  CHECK((set.synonyms[0].value == "París" && set.synonyms[0].texts == Strings{"City of Light", "lutetia"}));
  CHECK(set.notes == Strings{"1 intent without examples", "1 regex"});
}

TEST_CASE("Snips: the benchmark's files") {
  const SentenceFiles files;
  const std::string a =
      R"({"Play": [{"data": [{"text": "play "}, {"text": "jazz", "entity": "genre"}, {"text": "\n"}]}]})";
  const std::string file = files.Write("a.json", a);
  CHECK(Holds(ErrorOfSentences(file), "have the intent `Play`"));
  CHECK(Holds(ErrorOfSentences(file + ":train"), "no splits"));
  files.Write("b.json", R"({"Rate": [{"data": [{"text": "five stars"}]}]})");
  const SentenceSet set = ReadSentences(files.path.string());
  REQUIRE(set.sentences.size() == 2);
  CHECK(set.sentences[0].text == "play jazz");
  CHECK(SlotsOf(set.sentences[0]) == Strings{"genre=jazz"});
  CHECK(set.sentences[1].intent == "Rate");
  files.Write("c.json", R"({"train": [["a", "b"]]})");
  CHECK(Holds(ErrorOfSentences(files.path.string()), "c.json: not Snips NLU's JSON"));
}

TEST_CASE("Snips: files with mistakes") {
  const auto check = [](const std::string& content, const std::string& message) {
    CHECK(Holds(ErrorFrom("s.json", content), "s.json: "));
    CHECK(Holds(ErrorFrom("s.json", content), message));
  };
  const auto with_parts = [](const std::string& parts) {
    return R"({"intents": {"a": {"utterances": [{"data": [{"text": "x"}]}, {"data": [)" + parts + "]}]}}}";
  };
  check("{", "not JSON");
  check("[]", "CLINC150");
  check("{}", "say which splits");
  check(R"({"rasa_nlu_data": {}})", "rasa data convert");
  check(R"({"intents": {}})", "no sentence");
  check(R"({"intents": {"a": 1}})", "intent `a` has no `utterances`");
  check(R"({"intents": {"a": {"utterances": {}}}})", "intent `a`: its utterances are no list");
  check(R"({"intents": {"a": {"utterances": [1]}}})", "utterance 1: not an object with a list `data`");
  check(R"({"intents": {"": {"utterances": [{"data": [{"text": "x"}]}]}}})", "name is empty");
  check(with_parts("1"), "intent `a`: utterance 2: a part has no `text`");
  check(with_parts(R"({"text": 1})"), "utterance 2: `text` is no string");
  check(with_parts(R"({"text": " "})"), "utterance 2: it is blank");
  check(with_parts(R"({"text": "x"}, {"text": " ", "entity": "e"})"), "utterance 2: the slot `e` is blank");
  check(with_parts(R"({"text": "x", "entity": 1})"), "utterance 2: `entity` is no string");
  check(R"({"intents": {}, "entities": []})", "`entities` is no object");
  check(R"({"intents": {}, "entities": {"e": {"data": [1]}}})", "entity `e`: an entry of `data` is no object");
  check(R"({"intents": {}, "entities": {"e": {"data": [{"value": ""}]}}})", "entity `e`: a value is empty");
  check(R"({"intents": {}, "entities": {"e": {"data": [{"value": "a", "synonyms": [1]}]}}})", "a synonym of `a`");
}

}  // namespace
}  // namespace pbert::converter
