// BERT's normalizer, as one step.
#ifndef POCKETBERT_TEXT_BERT_NORMALIZER_H_
#define POCKETBERT_TEXT_BERT_NORMALIZER_H_

#include <cstdint>

#include "text/char_step.h"
#include "text/unicode.h"

namespace pbert {

struct NormalizerFlags {
  bool clean_text = true;
  bool space_cjk = true;
  bool strip_accents = true;
  bool lowercase = true;
};

// Clean, spaces around CJK, NFD and drop marks, lower-case. Like the reference, it gives every code point the place of
// one code point of the original, and places never go back. The first step of a chain, because it reads some stretches
// of the text again: memory is fixed and time linear whatever the text is, and the outcome exact for runs of combining
// characters of any length. One thread at a time.
class BertNormalizer final : public CharStep {
 public:
  BertNormalizer(const NormalizerFlags& flags, RawSource* raw) : CharStep(raw), flags_(flags), raw_(raw->cursor()) {}

  void Begin(uint32_t) override;
  bool Next(TextChar* c) override;

 private:
  // What is left of a Sequence.
  struct Rest {
    unicode::Sequence sequence{{}, 0};
    uint32_t next = 0;
    bool empty() const { return next >= sequence.size; }
  };

  bool NextSlowly(TextChar* c);
  const unicode::Record* NextCleaned(TextChar* c);
  const unicode::Record* NextStripped(TextChar* c);
  void BeginRun(uint32_t first_byte);
  bool NextInRun(TextChar* c);
  bool Skips(const unicode::Record& record) const { return flags_.clean_text && (record.flags & unicode::kRemoved); }

  const NormalizerFlags flags_;
  RawCursor& raw_;
  bool pending_ = false;  // something is to be given before the cursor's next code point

  TextChar cjk_{};  // the character whose spaces are being given
  enum class Cjk : uint8_t { kNone, kCharacter, kSpaceAfter } cjk_next_ = Cjk::kNone;

  TextChar place_{};  // the original character that was used last, for its begin and end
  Rest decomposed_;
  Rest lowered_;

  // A run of combining characters that is being given in order of its classes.
  bool in_run_ = false;
  uint64_t ranks_left_ = 0;  // bit r: class r is still to come
  uint8_t rank_ = 0;         // the class that is being given; 0: none
  uint32_t run_begin_ = 0;
  uint32_t run_end_ = 0;
  uint32_t run_tail_ = 0;  // where in decomposed_ the combining characters begin
  RawCursor scan_;         // over the run, once per class
  RawCursor places_;       // over the run, once in all
};

}  // namespace pbert

#endif  // POCKETBERT_TEXT_BERT_NORMALIZER_H_
