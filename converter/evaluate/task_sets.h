// Data sets for the other tasks: tagged words, questions with their answers, pairs of texts with a score.
// Memory: as dataset.h says; of a JSON file with questions, besides, what json.h says.
#ifndef POCKETBERT_CONVERTER_EVALUATE_TASK_SETS_H_
#define POCKETBERT_CONVERTER_EVALUATE_TASK_SETS_H_

#include <memory>
#include <string>
#include <vector>

#include "converter/evaluate/dataset.h"

namespace pbert::converter {

struct TaggedSentence {
  std::vector<std::string> words, tags;  // as many
};
// A folder with seq.in and seq.out (or subfolders, the splits of the DATASET argument), or a file of CoNLL columns: a
// word a line, in the first column, its tag in the last, empty lines between sentences. Left out are lines that begin
// with -DOCSTART- and, at the beginning of a sentence, comments: lines that begin with # and have another number of
// columns than the words, or no tag in the last. Tags become names of `labels` (see tag_names.h). Throws Error naming
// file and line; also where every word has its running number in front of it.
std::vector<TaggedSentence> ReadTagged(const DatasetPath& path, const std::vector<std::string>& labels = {});

struct Question {
  std::string question;
  std::shared_ptr<const std::string> context;  // of all questions of its paragraph, of which there may be many
  std::vector<std::string> answers;            // any of them is right; none: it cannot be answered from the context
};
// SQuAD's JSON, version 1.1 or 2.0. As in its own script it is `answers` that says whether there is one, whatever
// `is_impossible` says. Throws Error.
std::vector<Question> ReadQuestions(const DatasetPath& path);

struct ScoredPair {
  std::string text, pair;
  double score;
};
// .csv, .tsv or .jsonl with `text`, `text_pair` and a number as label. Throws Error.
std::vector<ScoredPair> ReadScoredPairs(const std::string& argument);

}  // namespace pbert::converter

#endif  // POCKETBERT_CONVERTER_EVALUATE_TASK_SETS_H_
