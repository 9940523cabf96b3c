// Sentences that are the same text to whoever reads them.
#ifndef POCKETBERT_CONVERTER_INTENTS_DUPLICATES_H_
#define POCKETBERT_CONVERTER_INTENTS_DUPLICATES_H_

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "converter/intents/sentences.h"

namespace pbert::converter {

// In lower case, words parted by one blank each, without punctuation: "Where's my top-up?" is "wheres my top up". What
// is nothing else than punctuation keeps it.
std::string Folded(std::string_view text);

struct Duplicates {
  // Places in the set, ascending, in the order of the first of each.
  std::vector<std::vector<size_t>> across;  // one text with several intents
  std::vector<std::vector<size_t>> within;  // one text several times in one intent
  size_t surplus = 0;                       // how many sentences of `within` would have to go
};

Duplicates FindDuplicates(const SentenceSet& set);

}  // namespace pbert::converter

#endif  // POCKETBERT_CONVERTER_INTENTS_DUPLICATES_H_
