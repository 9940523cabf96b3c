#include "converter/vocabulary_trim.h"

#include <algorithm>
#include <set>

#include "base/arena.h"
#include "converter/support/error.h"
#include "converter/tokenizer/table_tokenizer.h"
#include "converter/tokenizer/trim.h"
#include "tasks/text_preparation.h"

namespace pbert::converter {
namespace {

uint32_t IdCount(const schema::TokenizerT& table) {
  auto count = static_cast<uint32_t>(table.piece_ends.size());
  for (const auto& token : table.added_tokens) count = std::max(count, token->id + 1);
  return count;
}

// The texts as an embedding's head makes them (prompt, lower case), for heads that do.
std::vector<std::string> Prepared(const std::vector<std::string>& texts, const schema::ModelT& model) {
  std::vector<std::string> prepared;
  for (const auto& head : model.heads) {
    if (head->text == nullptr) continue;
    flatbuffers::FlatBufferBuilder file;
    file.Finish(schema::TextPreparation::Pack(file, head->text.get()));
    const auto* rules = flatbuffers::GetRoot<schema::TextPreparation>(file.GetBufferPointer());
    size_t longest = 0;
    for (const std::string& text : texts) longest = std::max(longest, text.size());
    Arena counting;
    (void)TextPreparation::Take(rules, longest, &counting);
    std::vector<uint8_t> memory(counting.Needed());
    Arena arena(memory.data(), memory.size());
    TextPreparation preparation = TextPreparation::Take(rules, longest, &arena);
    bool whole = true;
    for (const std::string& text : texts) prepared.emplace_back(preparation.Prepare(text, &whole));
  }
  return prepared;
}

// Rows of an output layer over the vocabulary are those of the embedding, unless it is the same tensor.
const schema::LinearT* VocabularyLinear(const schema::HeadT& head) {
  return head.task == schema::Task::FillMask && !head.steps.empty() ? head.steps.back()->linear.get() : nullptr;
}

}  // namespace

void VocabularyTrim::Trim(Weights* weights, Plan* plan, schema::ModelT* model,
                          std::vector<std::unique_ptr<RowSubset>>* subsets) {
  schema::EmbeddingsT& embeddings = *model->encoder->embeddings;
  schema::TokenizerT& tokenizer = *model->tokenizer;
  const auto rows = static_cast<int64_t>(plan->tensors()[static_cast<size_t>(embeddings.token)].rows);
  const bool first = kept_.empty();
  // RoBERTa's padding counts no place, whether or not the tokenizer knows it.
  const int32_t uncounted = embeddings.uncounted_id < rows ? embeddings.uncounted_id : -1;
  if (first) {
    std::vector<std::string> texts = Prepared(texts_.texts, *model);
    texts.insert(texts.end(), texts_.texts.begin(), texts_.texts.end());
    std::set<uint32_t> kept = IdsNeeded(tokenizer, texts);
    if (uncounted >= 0) kept.insert(static_cast<uint32_t>(uncounted));
    kept_.assign(kept.begin(), kept.end());
  }
  const schema::TokenizerT before = tokenizer;
  KeepIds(kept_, &tokenizer);
  embeddings.uncounted_id = uncounted < 0 ? -1 : static_cast<int32_t>(NewId(kept_, static_cast<uint32_t>(uncounted)));
  if (first) Count(before, tokenizer);

  const auto trim = [&](int32_t tensor) {
    Weights* reader = plan->tensors()[static_cast<size_t>(tensor)].reader;
    subsets->push_back(std::make_unique<RowSubset>(reader == nullptr ? weights : reader, kept_));
    plan->KeepRows(tensor, subsets->back().get());
  };
  trim(embeddings.token);
  for (const auto& head : model->heads) {
    const schema::LinearT* linear = VocabularyLinear(*head);
    if (linear == nullptr) continue;
    if (linear->weight != embeddings.token) trim(linear->weight);
    if (linear->bias >= 0) trim(linear->bias);
  }
  model->provenance->recipe += ", trim-vocab=" + texts_.name + " (" + std::to_string(figures_.pieces) + " of " +
                               std::to_string(figures_.pieces_before) + " pieces)";
}

void VocabularyTrim::Count(const schema::TokenizerT& before, const schema::TokenizerT& after) {
  figures_.pieces_before = IdCount(before);
  figures_.pieces = IdCount(after);
  figures_.test_texts = texts_.test.size();
  TableTokenizer all(before), fewer(after);
  for (const std::string& text : texts_.test) {
    const std::vector<uint32_t>& old_ids = all.Ids(text);
    const std::vector<uint32_t>& new_ids = fewer.Ids(text);
    figures_.tokens_before += old_ids.size();
    figures_.tokens += new_ids.size();
    figures_.changed_texts += !std::equal(old_ids.begin(), old_ids.end(), new_ids.begin(), new_ids.end(),
                                          [&](uint32_t old_id, uint32_t id) { return old_id == kept_[id]; });
  }
}

}  // namespace pbert::converter
