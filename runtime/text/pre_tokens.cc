#include "text/pre_tokens.h"

#include "text/unicode.h"

namespace pbert {
namespace {

using schema::Prepend;
using schema::PreTokenizerKind;

uint16_t FlagsOf(const PreChar& c) { return unicode::RecordOf(c.c.code_point).flags; }

// Spaces separate and are dropped. Beyond that: nothing; or each punctuation character is a pre-token (BERT); or runs
// of word characters are, and runs of all others (\w+|[^\w\s]+). `Source` is PieceSource for the first step, which then
// calls it directly: BERT has no other, and this is its way for each character.
template <typename Source>
class SplitStep final : public PreCharSource {
 public:
  SplitStep(PreTokenizerKind kind, Source* source) : kind_(kind), source_(source) {}
  void Begin() override { split_ = true; }

  bool Next(PreChar* c) override {
    while (source_->Next(c)) {
      split_ |= c->first;
      const uint16_t flags = FlagsOf(*c);
      if (flags & unicode::kSpace) {
        split_ = true;
        continue;
      }
      const bool word = flags & unicode::kWord;
      const bool alone = kind_ == PreTokenizerKind::Bert && (flags & unicode::kPunctuation);
      if (kind_ == PreTokenizerKind::WordsAndSigns && word != in_word_) split_ = true;
      in_word_ = word;
      c->first = split_ || alone;
      split_ = alone;
      return true;
    }
    return false;
  }

 private:
  const PreTokenizerKind kind_;
  Source* const source_;
  bool split_ = true;  // the next character begins a pre-token
  bool in_word_ = false;
};

// sentencepiece's way: a space becomes the replacement, and a pre-token gets one in front unless it begins with one.
class MetaspaceStep final : public PreCharSource {
 public:
  MetaspaceStep(const schema::PreTokenizerStep& step, PreCharSource* source)
      : replacement_(step.replacement()), prepend_(step.prepend()), split_(step.split()), source_(source) {}
  void Begin() override { has_held_ = false; }

  bool Next(PreChar* c) override {
    if (has_held_) {
      has_held_ = false;
      *c = held_;
      return true;
    }
    if (!source_->Next(c)) return false;
    if (c->c.code_point == ' ') c->c.code_point = replacement_;
    if (c->c.code_point == replacement_) {
      c->first |= split_;
    } else if (c->first && (prepend_ == Prepend::Always || (prepend_ == Prepend::First && c->c.begin == 0))) {
      held_ = {c->c, false};
      has_held_ = true;
      c->c.code_point = replacement_;
    }
    return true;
  }

 private:
  const char32_t replacement_;
  const Prepend prepend_;
  const bool split_;
  PreCharSource* const source_;
  bool has_held_ = false;
  PreChar held_{};
};

// GPT-2's pattern: 's|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+
// that is: a contraction; or letters, numbers or others, with the space before them; or spaces, all but the last one
// where something else follows. Two characters of looking ahead decide where a pre-token begins, so that runs of any
// length pass through.
class ByteLevelStep final : public PreCharSource {
 public:
  ByteLevelStep(const schema::PreTokenizerStep& step, PreCharSource* source)
      : prefix_(step.prepend() == Prepend::Always), split_(step.split()), source_(source) {}
  void Begin() override {
    count_ = 0;
    has_held_ = false;
    kind_ = Kind::kNone;
    contraction_ = 0;
  }

  bool Next(PreChar* c) override {
    if (!Ahead(0)) return false;
    const bool begins = window_[0].first || (split_ && !Continues());
    if (begins) Start();
    *c = {window_[0].c, begins};
    window_[0] = window_[1];
    window_[1] = window_[2];
    --count_;
    return true;
  }

 private:
  enum class Kind : uint8_t { kNone, kLetters, kNumbers, kOthers, kSpaces };

  // Whether the window holds character `index`, 0 being the next one.
  bool Ahead(uint32_t index) {
    while (count_ <= index && Pull(&window_[count_])) ++count_;
    return count_ > index;
  }
  // Whether it does, and that character is of the same text, between earlier splits, as the next one.
  bool AheadInText(uint32_t index) {
    for (uint32_t i = 1; i <= index; ++i) {
      if (!Ahead(i) || window_[i].first) return false;
    }
    return true;
  }
  bool Pull(PreChar* c) {
    if (has_held_) {
      has_held_ = false;
      *c = held_;
      return true;
    }
    if (!source_->Next(c)) return false;
    if (prefix_ && c->first && c->c.code_point != ' ') {
      held_ = {c->c, false};
      has_held_ = true;
      c->c.code_point = ' ';
    }
    return true;
  }

  static Kind KindOf(const PreChar& c) {
    const uint16_t flags = FlagsOf(c);
    if (flags & unicode::kLetter) return Kind::kLetters;
    if (flags & unicode::kNumber) return Kind::kNumbers;
    return flags & unicode::kSpace ? Kind::kSpaces : Kind::kOthers;
  }

  // Whether the next character belongs to the pre-token of the one before it.
  bool Continues() {
    if (contraction_ > 0) {
      --contraction_;
      return true;
    }
    if (kind_ == Kind::kNone || KindOf(window_[0]) != kind_) return false;
    return kind_ != Kind::kSpaces || !AheadInText(1) || KindOf(window_[1]) == Kind::kSpaces;
  }

  // A pre-token begins with the next character.
  void Start() {
    contraction_ = Contraction();
    kind_ = KindOf(window_[0]);
    if (contraction_ > 0) {
      kind_ = Kind::kNone;
    } else if (window_[0].c.code_point == ' ' && AheadInText(1)) {
      kind_ = KindOf(window_[1]);
    }
  }

  // How many characters of a contraction follow the apostrophe; 0: it is none.
  uint32_t Contraction() {
    if (window_[0].c.code_point != '\'' || !AheadInText(1)) return 0;
    const char32_t a = window_[1].c.code_point;
    if (a == 's' || a == 't' || a == 'm' || a == 'd') return 1;
    if ((a != 'r' && a != 'v' && a != 'l') || !AheadInText(2)) return 0;
    return window_[2].c.code_point == (a == 'l' ? U'l' : U'e') ? 2 : 0;
  }

  const bool prefix_;
  const bool split_;
  PreCharSource* const source_;
  bool has_held_ = false;
  PreChar held_{};
  PreChar window_[3];
  uint32_t count_ = 0;
  Kind kind_ = Kind::kNone;
  uint32_t contraction_ = 0;
};

PreCharSource* MakeStep(const schema::PreTokenizerStep& step, PreCharSource* source, Arena* arena) {
  switch (step.kind()) {
    case PreTokenizerKind::Metaspace:
      return arena->Make<MetaspaceStep>(step, source);
    case PreTokenizerKind::ByteLevel:
      return arena->Make<ByteLevelStep>(step, source);
    default:
      return arena->Make<SplitStep<PreCharSource>>(step.kind(), source);
  }
}

}  // namespace

PreTokens* PreTokens::Make(const StepList& steps, NormalizerChain* chain, Arena* arena) {
  PreTokens unused(chain);  // stands for the real one where the arena only counts, or is exhausted
  PreTokens* const made = arena->Make<PreTokens>(chain);
  PreTokens* const tokens = made == nullptr ? &unused : made;
  if (steps.own() == nullptr) {
    tokens->Add(arena->Make<SplitStep<PieceSource>>(PreTokenizerKind::Bert, &tokens->piece_));
  } else if (steps.own()->pre_tokenizers() != nullptr) {
    for (const schema::PreTokenizerStep* step : *steps.own()->pre_tokenizers()) {
      tokens->Add(MakeStep(*step, tokens->last_, arena));
    }
  }
  return made;
}

void PreTokens::Add(PreCharSource* step) {
  if (step == nullptr) return;
  steps_[step_count_++] = step;
  last_ = step;
}

void PreTokens::Begin(uint32_t end) {
  piece_.set_end(end);
  piece_.Begin();
  for (uint32_t i = 0; i < step_count_; ++i) steps_[i]->Begin();
}

}  // namespace pbert
