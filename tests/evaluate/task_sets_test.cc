#include "converter/evaluate/task_sets.h"

#include <doctest/doctest.h>

#include <filesystem>
#include <fstream>

#include "converter/support/error.h"

namespace pbert::converter {
namespace {

namespace fs = std::filesystem;
using Strings = std::vector<std::string>;

struct Folder {
  Folder() : path(fs::temp_directory_path() / ("pocketbert-task-sets-" + std::to_string(++count))) {
    fs::create_directories(path);
  }
  ~Folder() { fs::remove_all(path); }
  std::string Write(const std::string& name, const std::string& content) const {
    fs::create_directories((path / name).parent_path());
    std::ofstream(path / name, std::ios::binary) << content;
    return (path / name).string();
  }
  fs::path path;
  static inline int count = 0;
};

template <typename Function>
std::string ErrorOf(Function function) {
  try {
    function();
  } catch (const Error& error) {
    return error.what();
  }
  return "";
}

TEST_CASE("task sets: a folder of words and tags, and its splits") {
  const Folder folder;
  folder.Write("test/seq.in", "play  jazz \nhi\n");
  folder.Write("test/seq.out", "O B-genre \nO\n");
  const auto set = ReadTagged(ParseDatasetPath(folder.path.string() + ":test"));
  REQUIRE(set.size() == 2);
  CHECK(set[0].words == Strings{"play", "jazz"});
  CHECK(set[0].tags == Strings{"O", "B-genre"});
  folder.Write("test/seq.out", "O\nO\n");
  const std::string error = ErrorOf([&] { ReadTagged(ParseDatasetPath((folder.path / "test").string())); });
  CHECK(error.find("line 1: 1 tags for 2 words") != std::string::npos);
}

TEST_CASE("task sets: CoNLL columns") {
  const Folder folder;
  const std::string file = folder.Write("a.conll", "-DOCSTART- O\r\n\r\nBerlin NNP B-loc\r\nis VB O\r\n\r\n\r\n:)\tO");
  const auto set = ReadTagged(ParseDatasetPath(file));
  REQUIRE(set.size() == 2);
  CHECK(set[0].words == Strings{"Berlin", "is"});
  CHECK(set[0].tags == Strings{"B-loc", "O"});
  CHECK(set[1].words == Strings{":)"});
  const std::string alone = folder.Write("b.conll", "a O\nalone\n");
  CHECK(ErrorOf([&] { ReadTagged(ParseDatasetPath(alone)); }).find("line 2: a word without a tag") !=
        std::string::npos);
}

TEST_CASE("task sets: SQuAD") {
  const Folder folder;
  const std::string file =
      folder.Write("s.json", R"({"version": "2", "data": [{"paragraphs": [{"context": "It is blue.",
      "qas": [{"question": "What?", "answers": [{"text": "blue"}, {"text": "It"}]}, {"question": "Why?", "answers": []}]}]}]})");
  const auto set = ReadQuestions(ParseDatasetPath(file));
  REQUIRE(set.size() == 2);
  CHECK(*set[0].context == "It is blue.");
  CHECK(set[0].context == set[1].context);  // one text, however many questions
  CHECK(set[0].answers == Strings{"blue", "It"});
  CHECK(set[1].answers.empty());
  const std::string second =
      folder.Write("v2.json", R"({"version": "v2.0", "data": [{"paragraphs": [{"context": "It is.",
      "qas": [{"question": "What?", "is_impossible": true, "answers": [], "plausible_answers": [{"text": "It"}]},
              {"question": "Why?", "is_impossible": true},
              {"question": "Is it?", "is_impossible": false, "answers": [{"text": "is"}]}]}]}]})");
  const auto version2 = ReadQuestions(ParseDatasetPath(second));
  REQUIRE(version2.size() == 3);
  CHECK(version2[0].answers.empty());
  CHECK(version2[1].answers.empty());
  CHECK(version2[2].answers == Strings{"is"});
  const std::string lacking = folder.Write(
      "l.json",
      R"({"data": [{"paragraphs": [{"context": "a", "qas": [{"question": "What?", "is_impossible": false}]}]}]})");
  CHECK(ErrorOf([&] { ReadQuestions(ParseDatasetPath(lacking)); }).find("question 1 lacks") != std::string::npos);
  const std::string bad = folder.Write("b.json", R"({"data": [{"paragraphs": [{"qas": [{"question": "What?"}]}]}]})");
  CHECK(ErrorOf([&] { ReadQuestions(ParseDatasetPath(bad)); }).find("question 1 lacks") != std::string::npos);
  const std::string other = folder.Write("c.json", R"({"test": []})");
  CHECK(ErrorOf([&] { ReadQuestions(ParseDatasetPath(other)); }).find("SQuAD") != std::string::npos);
}

TEST_CASE("task sets: pairs with a score") {
  const Folder folder;
  const auto set = ReadScoredPairs(folder.Write("p.tsv", "text\ttext_pair\tlabel\na\tb\t4.5\nc\td\t0\n"));
  REQUIRE(set.size() == 2);
  CHECK(set[0].text == "a");
  CHECK(set[0].pair == "b");
  CHECK(set[0].score == 4.5);
  const std::string words = folder.Write("q.tsv", "text\ttext_pair\tlabel\na\tb\tvery\n");
  CHECK(ErrorOf([&] { ReadScoredPairs(words); }).find("line 2") != std::string::npos);
}

}  // namespace
}  // namespace pbert::converter
