// Labelled texts, read from the files in which people keep them.
#ifndef POCKETBERT_CONVERTER_EVALUATE_DATASET_H_
#define POCKETBERT_CONVERTER_EVALUATE_DATASET_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace pbert::converter {

// One labelled text as the file has it.
struct DatasetRow {
  std::string text;
  std::string pair;
  bool has_pair = false;
  std::string label;    // a name, or an integer's digits
  size_t line = 0;      // where it stands, from 1; for CLINC150's JSON its place in the split
  uint32_t source = 0;  // index into Dataset::sources
};

struct Dataset {
  std::string name;                  // the last part of the path, and the splits: "data_oos_plus.json:val,oos_val"
  std::vector<std::string> sources;  // files or splits, for messages: "test.csv"
  std::vector<DatasetRow> rows;
};

// A DATASET argument taken apart.
struct DatasetPath {
  std::string path;
  std::vector<std::string> splits;
  std::string name;  // as Dataset::name
};
// Throws Error when there is no such file or folder.
DatasetPath ParseDatasetPath(const std::string& argument);
// Throws Error where splits are asked for, of a file that has none.
void RequireNoSplits(const DatasetPath& path);

// The lines of a text, without their ends and the text's byte order mark; what follows the last line end counts only
// when it is not empty.
std::vector<std::string_view> TextLines(std::string_view text);

// Reads a DATASET argument, `PATH[:SPLIT,...]`:
//   .csv, .tsv   with a header line. Text column `text`, `sentence` or `utterance`, label column `label_text`, `label`
//                or `category` (the first of each that is there), a second text in `text_pair` or `pair`, if any; or
//                the two texts as `sentence1` and `sentence2` (or `sentence` and `sentence2`), `premise` and
//                `hypothesis`, `question1` and `question2`. Quoting as RFC 4180 has it; in a .tsv a quotation mark that
//                is not closed before the next tab is an ordinary character.
//   .jsonl       an object a line, with the same keys.
//   .json        CLINC150's: splits by name, each a list of [text, label].
//   a folder     with `seq.in` and `label`, line by line; with SPLITs, the subfolders of these names.
// Any of these files may lie alone in a zip archive, whose name ends in .zip; what kind it is says the archive's name
// (`test.csv.zip`) or, where that does not, its own.
// Memory: some three times the file's text, and at most 160 times where every row is as short as a row can be.
// Throws Error naming file and line. Token-level and question-answering formats (see task_sets.h) are refused by name.
Dataset ReadDataset(const std::string& argument);

inline constexpr uint32_t kNoLabel = UINT32_MAX;

// A row whose label has become a number of the model's.
struct Example {
  std::string text;
  std::string pair;
  bool has_pair = false;
  uint32_t label = kNoLabel;  // kNoLabel: out of scope, and the model has no label for that
  bool out_of_scope = false;
};

struct LabelledSet {
  std::string name;
  std::vector<Example> examples;
  size_t out_of_scope = 0;  // how many of them
};

// Looks every label up among `labels` (the model's, in order): by name, else, when it is an integer, as an index.
// Rows labelled `out_of_scope_label` are out of scope whether the model knows that label or not; any other unknown
// label throws Error naming file, line and the nearest label.
LabelledSet ResolveLabels(Dataset dataset, const std::vector<std::string>& labels,
                          const std::string& out_of_scope_label);

}  // namespace pbert::converter

#endif  // POCKETBERT_CONVERTER_EVALUATE_DATASET_H_
