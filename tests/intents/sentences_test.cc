#include "converter/intents/sentences.h"

#include <doctest/doctest.h>

#include <set>

#include "base/utf8.h"
#include "support/skip.h"
#include "tests/intents/sentence_files.h"

namespace pbert::converter {
namespace {

TEST_CASE("sentences: tables and lines of JSON") {
  const std::string rows = "text,label\r\n Öl ,a\r\n\"b, c\",b\r\n";
  const SentenceSet set = ReadFrom("x.csv", "\xEF\xBB\xBF" + rows);
  REQUIRE(set.sentences.size() == 2);
  CHECK((set.sentences[0].text == "Öl" && set.sentences[0].intent == "a" && set.sentences[0].line == 2));
  CHECK((set.sentences[1].text == "b, c" && set.sentences[1].slots.empty()));
  CHECK((set.notes.empty() && set.synonyms.empty()));
  CHECK(ReadFrom("x.tsv", "utterance\tcategory\na\tb\nc\td\n").sentences.size() == 2);
  CHECK(ReadFrom("x.jsonl", "{\"text\":\"a\",\"label\":\"b\"}\n{\"text\":\"c\",\"label\":1}\n").sentences[1].intent ==
        "1");
  CHECK(Holds(ErrorFrom("x.csv", "text,text_pair,label\na,b,c\n"), "x.csv: line 2: a pair of texts"));
  CHECK(Holds(ErrorFrom("x.csv", "text,label\na,b\n ,b\n"), "x.csv: line 3: the sentence is blank"));
  CHECK(Holds(ErrorFrom("x.csv", "text,label\na,b\nc,\n"), "x.csv: line 3: the intent's name is empty"));
  CHECK(Holds(ErrorFrom("x.csv", "text,label\na,b\nc,b\n"), "have the intent `b`; there must be two"));
  CHECK(Holds(ErrorFrom("x.csv", "text,label\n"), "no labelled text"));
}

TEST_CASE("sentences: CLINC150's splits") {
  const SentenceFiles files;
  const std::string file = files.Write("c.json", R"({"train": [["a", "x"], ["b", "y"]], "val": [["c", "y"]]})");
  const SentenceSet set = ReadSentences(file + ":train,val");
  REQUIRE(set.sentences.size() == 3);
  CHECK((set.sentences[2].text == "c" && set.sentences[2].line == 1 && set.sentences[2].source == 1));
  CHECK(set.name == "c.json:train,val");
  CHECK(Holds(ErrorOfSentences(file), "say which splits"));
}

TEST_CASE("sentences: folders of words with tags") {
  const SentenceFiles files;
  files.Write("train/seq.in", "fly  to new york \nhi\n");
  files.Write("train/label", "fly\ngreet\n");
  files.Write("train/seq.out", "O O B-city I-city \nO\n");
  files.Write("test/seq.in", "über köln bonn jetzt\n");
  files.Write("test/label", "fly\n");
  files.Write("test/seq.out", "O I-city B-city I-time\n");
  const SentenceSet set = ReadSentences(files.path.string() + ":train,test");
  REQUIRE(set.sentences.size() == 3);
  CHECK(set.sentences[0].text == "fly to new york");
  CHECK(SlotsOf(set.sentences[0]) == Strings{"city=new york"});
  CHECK(set.sentences[1].slots.empty());
  CHECK(SlotsOf(set.sentences[2]) == Strings{"city=köln", "city=bonn", "time=jetzt"});
  CHECK((set.sentences[2].slots[0].begin == 6 && set.sentences[2].slots[0].end == 11));
  CHECK(set.sources[1].ends_with("test/label"));

  const std::string train = (files.path / "train").string();
  files.Write("train/seq.out", "O O city I-city\nO\n");
  CHECK(Holds(ErrorOfSentences(train), "line 1: the tag `city` is none of"));
  files.Write("train/seq.out", "O O O\nO\n");
  CHECK(Holds(ErrorOfSentences(train), "line 1: 3 tags for 4 words"));
  std::filesystem::remove(files.path / "train/seq.out");
  CHECK(ReadSentences(train).sentences[0].text == "fly  to new york");
  CHECK(Holds(ErrorOfSentences(files.path.string() + ":train,dev"), "no subfolder `dev`"));
}

TEST_CASE("sentences: a text file for each intent") {
  const SentenceFiles files;
  const std::string greet = files.Write("greet.txt", "\xEF\xBB\xBFhi\r\n\r\n  # ho \r\n");
  files.Write("bye.txt", "tschüss");
  files.Write(".notes.txt", "");
  const SentenceSet set = ReadSentences(files.path.string() + "/");
  REQUIRE(set.sentences.size() == 3);
  CHECK((set.sentences[0].text == "tschüss" && set.sentences[0].intent == "bye"));
  CHECK((set.sentences[1].text == "hi" && set.sentences[1].intent == "greet"));
  CHECK((set.sentences[2].text == "# ho" && set.sentences[2].line == 3 && set.sentences[2].source == 1));
  CHECK(Holds(ErrorOfSentences(greet), "name the folder"));
  files.Write("empty.txt", "\n \n");
  CHECK(Holds(ErrorOfSentences(files.path.string()), "empty.txt: no sentence for this intent"));
}

TEST_CASE("sentences: what they are is said where they are not") {
  const SentenceFiles files;
  CHECK(Holds(ErrorOfSentences(files.path.string()), "no sentences in this folder; sentences are a .csv"));
  CHECK(Holds(ErrorFrom("x.doc", "a"), "x.doc: sentences are a .csv"));
  CHECK(Holds(ErrorOfSentences((files.path / "none.csv").string()), "no such file"));
}

// Every slot is where its text is, whatever the set.
void CheckSlots(const SentenceSet& set) {
  for (const Sentence& sentence : set.sentences) {
    size_t end = 0;
    for (const SlotSpan& slot : sentence.slots) {
      REQUIRE(slot.begin >= end);
      REQUIRE(slot.end > slot.begin);
      REQUIRE(slot.end <= sentence.text.size());
      REQUIRE(IsUtf8(std::string_view(sentence.text).substr(slot.begin, slot.end - slot.begin)));
      end = slot.end;
    }
  }
}

TEST_CASE("sentences: SNIPS") {
  PBERT_NEEDS_SHARED("data/snips");
  const SentenceSet set = ReadSentences(test::Shared("data/snips").string() + ":train,test");
  CHECK(set.name == "snips:train,test");
  CHECK(set.sentences.size() == 13084 + 700);
  std::set<std::string> intents, entities;
  for (const Sentence& sentence : set.sentences) {
    intents.insert(sentence.intent);
    for (const SlotSpan& slot : sentence.slots) entities.insert(slot.entity);
  }
  CHECK(intents.size() == 7);
  CHECK(entities.size() == 39);
  CheckSlots(set);
  const Sentence& first = set.sentences[13084];
  CHECK(first.text == "add sabrina salerno to the grime instrumentals playlist");
  CHECK(SlotsOf(first) == Strings{"artist=sabrina salerno", "playlist=grime instrumentals"});
}

}  // namespace
}  // namespace pbert::converter
