// NFD, NFKD, NFC and NFKC.
#ifndef POCKETBERT_TEXT_NORMAL_FORM_H_
#define POCKETBERT_TEXT_NORMAL_FORM_H_

#include <cstdint>

#include "text/char_step.h"
#include "text/unicode.h"

namespace pbert {

// The Unicode normal forms (UAX #15) with the places that the reference gives. Exact for runs of up to kMaxRun
// combining characters; a longer run is put in order in parts. (The standard's own limit for streams is 30.)
class NormalFormStep final : public CharStep {
 public:
  static constexpr uint32_t kMaxRun = 128;

  NormalFormStep(bool compatible, bool compose, CharSource* source)
      : CharStep(source), compatible_(compatible), compose_(compose) {}

  void Begin(uint32_t origin) override;
  bool Next(TextChar* c) override;

 private:
  struct Unit {
    char32_t code_point;
    int16_t change;  // see Places
    uint8_t rank;    // of the combining class
  };
  static constexpr uint32_t kMaxUnits = kMaxRun + unicode::Decomposition::kMaxSize;

  bool NextDecomposed(Unit* unit);
  bool NextComposed(Unit* unit);
  void Append(char32_t code_point);
  void SortRun();

  const bool compatible_;
  const bool compose_;

  Unit units_[kMaxUnits];  // given: [0, next_); in final order: [next_, ready_); a run that may grow: [ready_, size_)
  uint32_t next_, ready_, size_;

  bool has_starter_;
  Unit starter_;            // what follows may compose with it
  Unit passed_[kMaxUnits];  // combining characters behind it that did not
  uint32_t passed_next_, passed_size_;
  bool purging_;  // passed_ is being given

  Places<512> places_;
};

}  // namespace pbert

#endif  // POCKETBERT_TEXT_NORMAL_FORM_H_
