// convert --trim-vocab: a model keeps only those pieces, and rows of its tables, that some texts need.
#ifndef POCKETBERT_CONVERTER_VOCABULARY_TRIM_H_
#define POCKETBERT_CONVERTER_VOCABULARY_TRIM_H_

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "converter/checkpoint/row_subset.h"
#include "converter/network/plan.h"
#include "schema/model_generated.h"

namespace pbert::converter {

struct TrimTexts {
  std::string name;                // as the file's recipe calls them; empty: nothing is trimmed
  std::vector<std::string> texts;  // that are tokenized as before
  std::vector<std::string> test;   // others, of which is counted what changes
};

// What trimming has changed. 0 pieces: nothing was trimmed.
struct TrimFigures {
  uint32_t pieces_before = 0, pieces = 0;    // ids of the tokenizer
  uint64_t bytes_before = 0;                 // the file, with all of them
  size_t test_texts = 0, changed_texts = 0;  // of TrimTexts::test; tokenized differently
  uint64_t tokens_before = 0, tokens = 0;    // of these, special ones not counted
};

// The same for each description of one model: the texts are read once.
class VocabularyTrim {
 public:
  explicit VocabularyTrim(TrimTexts texts) : texts_(std::move(texts)) {}

  // Trims what is planned, with all its heads, and says so in the recipe. The plan reads by what is added to `subsets`,
  // which must outlive it. `weights` are those that the plan is made for. Throws Error.
  void Trim(Weights* weights, Plan* plan, schema::ModelT* model, std::vector<std::unique_ptr<RowSubset>>* subsets);

  const TrimFigures& figures() const { return figures_; }
  // Of the first description, which is that of the file to be.
  void SetBytesBefore(uint64_t bytes) {
    if (figures_.bytes_before == 0) figures_.bytes_before = bytes;
  }

 private:
  void Count(const schema::TokenizerT& before, const schema::TokenizerT& after);

  TrimTexts texts_;
  std::vector<uint32_t> kept_;  // ids; empty before the first Trim
  TrimFigures figures_;
};

}  // namespace pbert::converter

#endif  // POCKETBERT_CONVERTER_VOCABULARY_TRIM_H_
