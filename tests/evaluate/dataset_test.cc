#include "converter/evaluate/dataset.h"

#include <doctest/doctest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <string>

#include "converter/support/error.h"
#include "tests/support/skip.h"

namespace pbert::converter {
namespace {

namespace fs = std::filesystem;

// A folder for one test case.
class Folder {
 public:
  Folder() : path_(fs::temp_directory_path() / ("pocketbert-dataset-" + std::to_string(getpid()))) {
    fs::create_directories(path_);
  }
  ~Folder() { fs::remove_all(path_); }
  std::string Write(const std::string& name, const std::string& text) const {
    fs::create_directories((path_ / name).parent_path());
    std::ofstream(path_ / name, std::ios::binary) << text;
    return (path_ / name).string();
  }
  std::string path() const { return path_.string(); }

 private:
  fs::path path_;
};

std::string ReadFailure(const std::string& argument) {
  try {
    (void)ReadDataset(argument);
  } catch (const Error& error) {
    return error.what();
  }
  return "";
}

TEST_CASE("comma-separated values") {
  const Folder folder;
  const Dataset set =
      ReadDataset(folder.Write("a.csv", "\xEF\xBB\xBFid,text,category\r\n1,\"hi, you\",greet\r\n2,bye,part\r\n"));
  REQUIRE(set.rows.size() == 2);
  CHECK(set.name == "a.csv");
  CHECK(set.rows[0].text == "hi, you");
  CHECK(set.rows[0].label == "greet");
  CHECK(set.rows[1].line == 3);
  CHECK_FALSE(set.rows[0].has_pair);
}

TEST_CASE("the first of the known columns counts") {
  const Folder folder;
  const Dataset set =
      ReadDataset(folder.Write("a.tsv", "label\tlabel_text\tutterance\ttext_pair\n3\tweather\train?\tsun\n"));
  CHECK(set.rows[0].label == "weather");
  CHECK(set.rows[0].text == "rain?");
  CHECK(set.rows[0].has_pair);
  CHECK(set.rows[0].pair == "sun");
}

TEST_CASE("delimited files that are wrong") {
  const Folder folder;
  const std::string header = folder.Write("a.csv", "txt,label\nx,y\n");
  CHECK(ReadFailure(header) ==
        header +
            ": line 1: the header needs a column `text`, `sentence` or `utterance` (of pairs also "
            "`text_pair`; or `sentence1` and `sentence2`, `premise` and `hypothesis`); it has txt, label");
  const std::string columns = folder.Write("b.csv", "text,label\nx,y\nhi, there,y\n");
  CHECK(ReadFailure(columns) == columns + ": line 3: 3 columns where the header has 2");
  CHECK(ReadFailure(folder.Write("c.csv", "")).ends_with("it is empty"));
  CHECK(ReadFailure(folder.Write("d.csv", "text,label\n")).ends_with("there is no labelled text in it"));
  CHECK(ReadFailure(header + ":test").find("has no splits") != std::string::npos);
}

TEST_CASE("an object a line") {
  const Folder folder;
  const Dataset set = ReadDataset(folder.Write(
      "a.jsonl",
      "{\"text\":\"a\\u00e9\\n\",\"label\":48,\"label_text\":\"alarm\"}\n\n{\"sentence\":\"b\",\"label\":3}"));
  REQUIRE(set.rows.size() == 2);
  CHECK(set.rows[0].text == "a\xC3\xA9\n");
  CHECK(set.rows[0].label == "alarm");
  CHECK(set.rows[1].label == "3");
  CHECK(set.rows[1].line == 3);
  CHECK(ReadFailure(folder.Write("b.jsonl", "{\"text\":\"a\",\"label\":1}\n{\"text\":"))
            .find(": line 2: not a JSON object: not valid JSON: ") != std::string::npos);
  CHECK(ReadFailure(folder.Write("c.jsonl", "{\"text\":5,\"label\":1}")).find(": line 1: needs a string `text`") !=
        std::string::npos);
  CHECK(ReadFailure(folder.Write("d.jsonl", "{\"text\":\"a\",\"label\":{}}")).find("`label_text`") !=
        std::string::npos);
}

TEST_CASE("splits of CLINC150's JSON") {
  const Folder folder;
  const std::string path =
      folder.Write("c.json", R"({"test": [["hi", "greet"]], "oos_test": [["x", "oos"], ["y", "oos"]], "val": []})");
  const Dataset set = ReadDataset(path + ":test,oos_test");
  CHECK(set.name == "c.json:test,oos_test");
  REQUIRE(set.rows.size() == 3);
  CHECK(set.rows[2].text == "y");
  CHECK(set.rows[2].line == 2);
  CHECK(set.sources[set.rows[2].source] == path + ":oos_test");
  CHECK(ReadFailure(path).find("say which splits") != std::string::npos);
  CHECK(ReadFailure(path + ":tset").ends_with("did you mean `test`?"));
  CHECK(ReadFailure(path + ":val").ends_with("there is no labelled text in it"));
  CHECK(
      ReadFailure(folder.Write("d.json", R"({"test": [["hi"]]})") + ":test").ends_with("entry 1 is not [text, label]"));
  CHECK(ReadFailure(folder.Write("e.json", "[]")).ends_with("a CLINC150 file is an object of splits"));
}

TEST_CASE("a folder with seq.in and label") {
  const Folder folder;
  folder.Write("s/test/seq.in", "play jazz  \nrain\n");
  folder.Write("s/test/label", "PlayMusic\r\nGetWeather");
  const Dataset set = ReadDataset(folder.path() + "/s:test");
  CHECK(set.name == "s:test");
  REQUIRE(set.rows.size() == 2);
  CHECK(set.rows[0].text == "play jazz  ");
  CHECK(set.rows[0].label == "PlayMusic");
  CHECK(set.rows[1].label == "GetWeather");
  CHECK(ReadDataset(folder.path() + "/s/test/").name == "test");
  CHECK(ReadFailure(folder.path() + "/s").ends_with("a dataset folder has a file seq.in and a file label"));
  folder.Write("s/test/label", "PlayMusic\n");
  CHECK(ReadFailure(folder.path() + "/s/test").ends_with("seq.in has 2 lines and label has 1"));
}

TEST_CASE("what is not read is refused by name") {
  const Folder folder;
  CHECK(ReadFailure(folder.path() + "/none.csv").ends_with("no such file or folder"));
  CHECK(ReadFailure(folder.Write("a.conll", "x O")).find("CoNLL") != std::string::npos);
  CHECK(ReadFailure(folder.Write("a.json", R"({"version": "1.1", "data": []})")).find("SQuAD") != std::string::npos);
  CHECK(ReadFailure(folder.Write("a.txt", "x")).find("a dataset is a .csv") != std::string::npos);
}

std::string ResolveFailure(const Dataset& set, const std::vector<std::string>& labels) {
  try {
    (void)ResolveLabels(set, labels, "oos");
  } catch (const Error& error) {
    return error.what();
  }
  return "";
}

TEST_CASE("labels become numbers by name, then by index") {
  const Folder folder;
  const std::string path = folder.Write("a.csv", "text,label\na,greet\nb,1\nc,oos\n");
  const LabelledSet set = ResolveLabels(ReadDataset(path), {"part", "greet"}, "oos");
  CHECK(set.examples[0].label == 1);
  CHECK(set.examples[1].label == 1);
  CHECK(set.examples[2].label == kNoLabel);
  CHECK(set.examples[2].out_of_scope);
  CHECK(set.out_of_scope == 1);
  const LabelledSet known = ResolveLabels(ReadDataset(path), {"oos", "greet"}, "oos");
  CHECK(known.examples[2].label == 0);
  CHECK(known.out_of_scope == 1);
  // A label that is called "1" is not the label of index 1.
  CHECK(ResolveLabels(ReadDataset(folder.Write("b.csv", "text,label\na,1\n")), {"1", "0"}, "oos").examples[0].label ==
        0);
}

TEST_CASE("an unknown label names file, line and the nearest label") {
  const Folder folder;
  const std::string path = folder.Write("a.csv", "text,label\na,greet\nb,gret\n");
  CHECK(ResolveFailure(ReadDataset(path), {"part", "greet"}) ==
        path + ": line 3: the model has no label `gret`: did you mean `greet`? It has part, greet");
  const std::string number = folder.Write("b.csv", "text,label\na,2\n");
  CHECK(ResolveFailure(ReadDataset(number), {"part", "greet"}) ==
        number + ": line 2: the model has no label `2`; it has part, greet");
}

TEST_CASE("all of the shared classification sets are read") {
  PBERT_NEEDS_SHARED("data");
  const struct {
    const char* argument;
    size_t rows;
  } sets[] = {{"banking77/test.csv", 3080},
              {"banking77/train.csv", 10003},
              {"sst2/test.tsv", 872},
              {"massive-en-us/test.jsonl", 2974},
              {"snips/test", 700},
              {"snips:dev,test", 1400},
              {"clinc150/data_oos_plus.json:test,oos_test", 5500},
              {"clinc150/data_full.json:oos_val", 100}};
  for (const auto& set : sets) {
    CAPTURE(set.argument);
    CHECK(ReadDataset(test::Shared(std::string("data/") + set.argument).string()).rows.size() == set.rows);
  }
}

}  // namespace
}  // namespace pbert::converter
