// Numbers as digits or words: what numbers, ordinals, durations, amounts of money and dates have in common.
#ifndef POCKETBERT_ENTITIES_NUMBER_PHRASE_H_
#define POCKETBERT_ENTITIES_NUMBER_PHRASE_H_

#include <cstddef>
#include <cstdint>

#include "entities/decimal.h"
#include "entities/tokens.h"

namespace pbert {

struct NumberPhrase {
  Decimal value;
  size_t next = 0;        // the token after it
  bool in_words = false;  // begins with a word
};

// "1,200.5", ".5": digits alone. Without a sign.
bool ReadDigits(Tokens& tokens, size_t at, NumberPhrase* phrase);
// "forty-two": below a hundred, in words.
bool ReadBelowHundred(Tokens& tokens, size_t at, int64_t* value, size_t* next);
// All of it: "-5", "minus five", "three hundred and one", "2.5 million", "two and a half", "half a million", "20k".
bool ReadNumber(Tokens& tokens, size_t at, NumberPhrase* phrase);
// "3rd", "twenty first", "hundredth".
bool ReadOrdinal(Tokens& tokens, size_t at, int64_t* value, size_t* next);

}  // namespace pbert

#endif  // POCKETBERT_ENTITIES_NUMBER_PHRASE_H_
