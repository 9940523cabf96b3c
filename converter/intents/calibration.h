// Makes probabilities and "not understood" honest, from predictions of sentences that were held out.
#ifndef POCKETBERT_CONVERTER_INTENTS_CALIBRATION_H_
#define POCKETBERT_CONVERTER_INTENTS_CALIBRATION_H_

#include <cstddef>
#include <cstdint>
#include <vector>

#include "converter/intents/dense.h"
#include "converter/intents/intent_training.h"

namespace pbert::converter {

struct HeldOutScores {
  DenseMatrix logits;            // [sentences, intents, and one more where some are out of scope]
  std::vector<float> distances;  // [sentences], RelativeDistance
  std::vector<uint32_t> labels;  // [sentences]; `intents`: out of scope
  size_t intents = 0;
};

// The number to divide logits by under which the labels are most likely (Guo et al. 2017).
float FitTemperature(const HeldOutScores& scores);

// Energy, distance, and where there are such sentences what speaks for "out of scope", each in units of its spread over
// understood sentences and of equal weight; then shifted so that `keep` of the understood ones are above 1/2.
RejectionWeights FitRejection(const HeldOutScores& scores, double keep);

HeldOut Measure(const HeldOutScores& scores, float temperature, const RejectionWeights& rejection);

}  // namespace pbert::converter

#endif  // POCKETBERT_CONVERTER_INTENTS_CALIBRATION_H_
