// The way from text to words: normalizer steps, pre-tokenizer steps.
#ifndef POCKETBERT_TEXT_PREPARATION_H_
#define POCKETBERT_TEXT_PREPARATION_H_

#include <cstdint>

#include "base/arena.h"
#include "base/status.h"
#include "schema/model_generated.h"
#include "text/bert_normalizer.h"
#include "text/char_step.h"

namespace pbert {

// Refuses steps that are unknown, or that say too little or too much.
Status CheckPreparation(const schema::Preparation& preparation, schema::TokenizerKind kind);

// The steps that a file asks for: its own; or, where it has none, BERT's, which its four flags describe:
// BertNormalizer, and the pre-tokenizer Bert. A view of the file. Thread-safe.
class StepList {
 public:
  StepList() = default;
  explicit StepList(const schema::Tokenizer& table);
  explicit StepList(const NormalizerFlags& bert) : bert_(bert) {}
  explicit StepList(const schema::Preparation& own) : own_(&own) {}

  const schema::Preparation* own() const { return own_; }  // nullptr: BERT's
  const NormalizerFlags& bert() const { return bert_; }

 private:
  const schema::Preparation* own_ = nullptr;
  NormalizerFlags bert_;
};

// A normalizer at work on one stretch of text after another. Made in an arena; fixed memory. One thread at a time.
class NormalizerChain {
 public:
  // Takes the same bytes from every arena; nullptr where the arena gives none. The file that `steps` views must
  // outlive it.
  static NormalizerChain* Make(const StepList& steps, Arena* arena);

  void Begin(const RawCursor& stretch, uint32_t origin);
  bool Next(TextChar* c) {
    if (!last_->Next(c)) return false;
    ++position_;
    return true;
  }
  // How many code points of the stretch Next has given.
  uint32_t position() const { return position_; }

 private:
  static constexpr uint32_t kMaxSteps = 32;
  friend Status CheckPreparation(const schema::Preparation&, schema::TokenizerKind);

  void Add(CharStep* step);

  RawSource raw_;
  CharStep* steps_[kMaxSteps];
  uint32_t step_count_ = 0;
  CharSource* last_ = &raw_;
  uint32_t position_ = 0;
};

}  // namespace pbert

#endif  // POCKETBERT_TEXT_PREPARATION_H_
