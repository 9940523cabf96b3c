// Pre-tokenizers: where a normalized text is split before the vocabulary is asked.
#ifndef POCKETBERT_TEXT_PRE_TOKENS_H_
#define POCKETBERT_TEXT_PRE_TOKENS_H_

#include <cstdint>

#include "base/arena.h"
#include "schema/model_generated.h"
#include "text/preparation.h"

namespace pbert {

// A code point of a pre-token.
struct PreChar {
  TextChar c;
  bool first;  // a pre-token begins with it
};

// A step of a pre-tokenizer. Objects live in an arena and are never destroyed. One thread at a time.
class PreCharSource {
 public:
  // Another piece of text follows.
  virtual void Begin() = 0;
  // False at the end of the piece.
  virtual bool Next(PreChar* c) = 0;

 protected:
  ~PreCharSource() = default;
};

// The beginning of the steps: a piece of what a normalizer gives, as one pre-token.
class PieceSource final : public PreCharSource {
 public:
  explicit PieceSource(NormalizerChain* chain) : chain_(chain) {}
  void set_end(uint32_t end) { end_ = end; }
  void Begin() override { at_start_ = true; }
  bool Next(PreChar* c) override {
    if (chain_->position() >= end_ || !chain_->Next(&c->c)) return false;
    c->first = at_start_;
    at_start_ = false;
    return true;
  }

 private:
  NormalizerChain* const chain_;
  uint32_t end_ = 0;
  bool at_start_ = true;
};

// The pre-tokenizer steps of a file, at work on one piece after another: a piece is what lies between two added tokens
// of a stretch. Fixed memory. One thread at a time.
class PreTokens {
 public:
  static constexpr uint32_t kMaxSteps = 8;

  // Takes the same bytes from every arena; nullptr where the arena gives none. Reads from `chain`, which the caller
  // begins.
  static PreTokens* Make(const StepList& steps, NormalizerChain* chain, Arena* arena);

  explicit PreTokens(NormalizerChain* chain) : piece_(chain) {}
  // The next piece ends where `chain` has given `end` code points.
  void Begin(uint32_t end);
  bool Next(PreChar* c) { return last_->Next(c); }

 private:
  void Add(PreCharSource* step);

  PieceSource piece_;
  PreCharSource* steps_[kMaxSteps];
  uint32_t step_count_ = 0;
  PreCharSource* last_ = &piece_;
};

}  // namespace pbert

#endif  // POCKETBERT_TEXT_PRE_TOKENS_H_
