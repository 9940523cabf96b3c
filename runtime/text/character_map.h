// sentencepiece's precompiled character map, as the reference tokenizers apply it.
#ifndef POCKETBERT_TEXT_CHARACTER_MAP_H_
#define POCKETBERT_TEXT_CHARACTER_MAP_H_

#include <cstdint>
#include <span>

#include "text/char_step.h"
#include "text/graphemes.h"

namespace pbert {

// A view of a map in an open file: a double array in darts-clone's form (github.com/s-yata/darts-clone), whose values
// are places in `texts`. Every step is checked against the bounds: a damaged map gives wrong text and nothing worse.
// Thread-safe.
class CharacterMap {
 public:
  static constexpr uint32_t kMaxText = 64;  // code points; no more are given (of published maps the longest has 18)

  CharacterMap() = default;
  CharacterMap(std::span<const uint32_t> units, std::span<const uint8_t> texts) : units_(units), texts_(texts) {}

  // What the shortest key that begins `bytes` is mapped to (the reference takes the first it meets); false when there
  // is none.
  bool Find(const uint8_t* bytes, uint32_t size, TextReader* text) const;

 private:
  std::span<const uint32_t> units_;
  std::span<const uint8_t> texts_;
};

// The reference's normalizer "Precompiled": looks up each grapheme cluster of at most kMaxCluster bytes as a whole;
// where that fails, and in longer clusters, each code point for itself. Places of code points that are mapped to
// nothing at the beginning of a text shift those of all others, as in the reference, for up to 512 of them.
class CharacterMapStep final : public CharStep {
 public:
  static constexpr uint32_t kMaxCluster = 5;

  CharacterMapStep(const CharacterMap& map, CharSource* source) : CharStep(source), map_(map) {}

  void Begin(uint32_t origin) override;
  bool Next(TextChar* c) override;

 private:
  // A code point of the outcome and its change (see Places); kRemoval: nothing, for -change code points.
  struct Unit {
    char32_t code_point;
    int change;
  };
  static constexpr char32_t kRemoval = 0x110000;

  bool NextUnit(Unit* unit);
  bool Peek();
  bool TakeCluster();
  bool Replace(const uint8_t* bytes, uint32_t size, int count);

  const CharacterMap map_;
  GraphemeBreaks breaks_;

  bool has_peeked_;  // the source's next code point has been read
  TextChar peeked_;
  bool peeked_begins_;                // and a cluster begins with it
  bool in_long_;                      // the rest of a long cluster follows
  char32_t single_[kMaxCluster + 1];  // code points to be looked up one by one
  uint32_t single_next_, single_size_;

  bool replacing_;  // text_ is being given
  TextReader text_;
  int replaced_, size_;  // how many code points it replaces and has
  int given_;

  // The last unit waits for the next: those between that are mapped to nothing count as removed by it.
  bool has_held_;
  Unit held_;

  Places<512> places_;
};

}  // namespace pbert

#endif  // POCKETBERT_TEXT_CHARACTER_MAP_H_
