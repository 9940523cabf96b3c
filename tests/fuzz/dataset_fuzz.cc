// Data sets as `eval` reads them. The first byte chooses the kind of file, the second what is done with its rows.

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include "converter/evaluate/dataset.h"
#include "converter/evaluate/score_sets.h"
#include "converter/evaluate/task_sets.h"
#include "converter/support/error.h"
#include "tests/fuzz/check.h"
#include "tests/fuzz/temporary_folder.h"

namespace pbert::fuzz {
namespace {

constexpr const char* kFiles[] = {"set.csv",    "set.tsv",   "set.jsonl", "set.json",
                                  "squad.json", "set.conll", "set.zip",   "set"};
enum Kind { kJson = 3, kSquad, kConll, kFolder, kKinds };

// Writes `text` as that kind of data set; returns the DATASET argument. A folder's second file is behind a NUL.
std::string WriteSet(int kind, std::string_view text) {
  if (kind != kFolder) {
    const std::string path = WriteTemporary(kFiles[kind], text).string();
    return kind == kJson ? path + ":test,train" : path;
  }
  const size_t cut = std::min(text.find('\0'), text.size());
  const std::string_view labels = cut < text.size() ? text.substr(cut + 1) : "";
  WriteTemporary("set/seq.in", text.substr(0, cut));
  WriteTemporary("set/label", labels);
  WriteTemporary("set/seq.out", labels);
  return (TemporaryFolder() / "set").string();
}

void Read(const std::string& argument, int kind, uint8_t choice) {
  if (kind == kSquad) {
    converter::ReadQuestions(converter::ParseDatasetPath(argument));
  } else if (kind == kConll || (kind == kFolder && choice & 1)) {
    for (const converter::TaggedSentence& sentence : converter::ReadTagged(converter::ParseDatasetPath(argument))) {
      FUZZ_CHECK(sentence.words.size() == sentence.tags.size());
    }
  } else if (choice % 4 == 1) {
    converter::ReadScoredPairs(argument);
  } else {
    const std::vector<std::string> labels = {"a", "b", "oos", "0", "a|b", ""};
    const converter::Dataset set = converter::ReadDataset(argument);
    for (const converter::DatasetRow& row : set.rows) FUZZ_CHECK(row.source < set.sources.size());
    if (choice % 4 == 2) converter::NumberLabels(set);
    if (choice % 4 == 3) converter::LabelSets(set, labels);
    if (choice % 4 == 0) converter::ResolveLabels(set, labels, "oos");
  }
}

}  // namespace
}  // namespace pbert::fuzz

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace pbert::fuzz;
  if (size < 2) return -1;
  const int kind = data[0] % kKinds;
  const std::string argument = WriteSet(kind, {reinterpret_cast<const char*>(data) + 2, size - 2});
  try {
    Read(argument, kind, data[1]);
  } catch (const pbert::converter::Error& error) {
    FUZZ_CHECK(*error.what() != 0);
  }
  return 0;
}
