// The smaller steps of a normalizer.
#ifndef POCKETBERT_TEXT_SIMPLE_STEPS_H_
#define POCKETBERT_TEXT_SIMPLE_STEPS_H_

#include <cstdint>

#include "text/char_step.h"
#include "text/unicode.h"

namespace pbert {

// Drops marks: all of them, or nonspacing ones only.
class StripMarksStep final : public CharStep {
 public:
  StripMarksStep(bool all, CharSource* source) : CharStep(source), all_(all) {}
  void Begin(uint32_t) override {}
  bool Next(TextChar* c) override;

 private:
  const bool all_;
};

// Lower case, code point by code point: the reference knows no final sigma.
class LowercaseStep final : public CharStep {
 public:
  explicit LowercaseStep(CharSource* source) : CharStep(source) {}
  void Begin(uint32_t) override { next_ = sequence_.size = 0; }
  bool Next(TextChar* c) override;

 private:
  unicode::Sequence sequence_{{}, 0};  // of more than one code point
  uint32_t next_ = 0;
  TextChar place_{};
};

// BERT's text cleaning: drops what is not text, and makes every space U+0020.
class CleanTextStep final : public CharStep {
 public:
  explicit CleanTextStep(CharSource* source) : CharStep(source) {}
  void Begin(uint32_t) override {}
  bool Next(TextChar* c) override;
};

// BERT's spaces around each CJK character. They have its place.
class SpaceCjkStep final : public CharStep {
 public:
  explicit SpaceCjkStep(CharSource* source) : CharStep(source) {}
  void Begin(uint32_t) override { left_ = 0; }
  bool Next(TextChar* c) override;

 private:
  TextChar cjk_{};
  int left_ = 0;  // 2: the character and a space are still to come, 1: the space
};

// Puts a text before the first code point, with the place of that one.
class PrependStep final : public CharStep {
 public:
  PrependStep(const TextReader& content, CharSource* source) : CharStep(source), content_(content) {}
  void Begin(uint32_t) override {
    at_start_ = true;
    rest_ = {};
    has_first_ = false;
  }
  bool Next(TextChar* c) override;

 private:
  const TextReader content_;
  bool at_start_ = true;
  bool has_first_ = false;
  TextChar first_{};
  TextReader rest_;
};

// Drops the spaces at the beginning, at the end, or both. Those that may be the last ones wait, equal neighbours
// together, so that any number of one kind can. Only where the kind changes more than kMaxRuns times are the first of
// them given.
class StripStep final : public CharStep {
 public:
  static constexpr uint32_t kMaxRuns = 256;

  StripStep(bool left, bool right, CharSource* source) : CharStep(source), left_(left), right_(right) {}
  void Begin(uint32_t) override {
    at_start_ = left_;
    first_ = count_ = 0;
    has_next_ = false;
  }
  bool Next(TextChar* c) override;

 private:
  // `count` times the same code point, each as long in the text as the first and right behind the one before.
  struct Run {
    TextChar first;
    uint32_t count;
  };
  void Keep(const TextChar& space);
  TextChar TakeKept();

  const bool left_, right_;
  bool at_start_ = false;
  Run runs_[kMaxRuns];  // a ring of count_, from first_ on
  uint32_t first_ = 0, count_ = 0;
  bool has_next_ = false;  // what follows the run
  TextChar next_{};
};

// Replaces each match of a pattern by a text, every code point of which has the place of the match's last one. The
// pattern is a text of up to kMaxPattern code points, or, with a run length n of 1 to kMaxPattern, a run of at
// least n of one code point.
class ReplaceStep final : public CharStep {
 public:
  static constexpr uint32_t kMaxPattern = 64;

  ReplaceStep(TextReader pattern, uint32_t run_length, const TextReader& content, CharSource* source);
  void Begin(uint32_t) override {
    count_ = 0;
    in_run_ = false;
    rest_ = {};
  }
  bool Next(TextChar* c) override;

 private:
  bool Matches() const;

  const TextReader content_;
  const bool run_;
  char32_t pattern_[kMaxPattern];
  uint32_t size_ = 0;
  TextChar window_[kMaxPattern];  // the next code points
  uint32_t count_ = 0;
  bool in_run_ = false;  // a match that may grow
  TextReader rest_;      // of the replacement that is being given
  TextChar place_{};
};

}  // namespace pbert

#endif  // POCKETBERT_TEXT_SIMPLE_STEPS_H_
