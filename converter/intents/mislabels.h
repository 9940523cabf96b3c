// Labels that a head which had not seen the sentence, and the sentences nearest to it, speak against.
#ifndef POCKETBERT_CONVERTER_INTENTS_MISLABELS_H_
#define POCKETBERT_CONVERTER_INTENTS_MISLABELS_H_

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "converter/intents/intent_training.h"
#include "converter/intents/neighbours.h"

namespace pbert::converter {

struct Suspect {
  size_t sentence = 0;     // among those whose labels were given
  uint32_t predicted = 0;  // the intent that it seems to have
  // Of its own label and of the predicted one: the mean of the held-out probability and of the neighbours' share.
  float own = 0, other = 0;
  double score = 0;   // the first are the surest
  bool sure = false;  // `other` is no less than what sentences of the predicted intent have on average
};

struct Suspects {
  std::vector<Suspect> mislabels;  // all whose held-out prediction is not their label
  std::vector<Suspect> intruders;  // out-of-scope sentences that are surely of an intent
};

// `labels` are those of the sentences in `neighbours`: intents, then for those that are out of scope `intents`.
//
// Confident learning (Northcutt et al. 2021), whose thresholds are the classes' means. The ranking was chosen on
// BANKING77's training set with 50 labels changed at random (three seeds; scikit-learn's regression on MiniLM's last
// layer). So many of the 50 were among the first 100: by the difference of both probabilities, which asks for a sure
// head, 33 38 35; by ten neighbours' shares alone 32 36 34; by the probabilities' ratio 50 47 48; by the ratio of their
// means with the shares, which is taken here, 50 49 49. The last two differ by no more than chance may give, and
// dividing by the classes' means makes no difference there. `lint` itself names 49 48 49,
// and 48 48 49 with three other seeds.
Suspects FindSuspects(std::span<const uint32_t> labels, size_t intents, const HeldOut& held_out,
                      const Neighbours& neighbours);

// How many neighbours to ask.
inline constexpr size_t kVotes = 10;

// Two intents that are taken for each other.
struct ConfusedPair {
  uint32_t first = 0, second = 0;
  std::vector<size_t> first_as_second, second_as_first;  // sentences, those furthest from their label first
  double share = 0;                                      // of the sentences of both
};

// Those with at least two mistakes that are at least a twentieth of their sentences; most mistakes first. `mislabels`
// are in their order.
std::vector<ConfusedPair> FindConfusedPairs(std::span<const uint32_t> labels, size_t intents,
                                            std::span<const Suspect> mislabels);

}  // namespace pbert::converter

#endif  // POCKETBERT_CONVERTER_INTENTS_MISLABELS_H_
