// Figures about classifiers: significance of a difference, and where to say "not understood".
#ifndef POCKETBERT_CONVERTER_EVALUATE_METRICS_H_
#define POCKETBERT_CONVERTER_EVALUATE_METRICS_H_

#include <cstdint>
#include <span>

namespace pbert::converter {

// McNemar's exact test, two-sided: of `only_first` + `only_second` examples that exactly one of two classifiers got
// right, is this division likely when both are equally good? The probability, under a fair coin, of a division at
// least as uneven; 1 when there are none. (McNemar 1947; the exact form is the binomial sign test.)
double McNemarExact(uint64_t only_first, uint64_t only_second);

// What one example says about thresholds on the top score.
struct ScoredExample {
  float score = 0;            // the top label's
  bool out_of_scope = false;  // nothing that the model knows
  bool good = false;          // in scope: the top label is right; out of scope: it is the out-of-scope label
};

struct ScopeFigures {
  double in_scope_accuracy = 0;    // of all in-scope examples: understood, and rightly. NaN when there are none
  double out_of_scope_recall = 0;  // of all out-of-scope examples: found, by label or by score. NaN likewise
};

// With scores below `threshold` rejected as "not understood"; a negative threshold rejects nothing.
ScopeFigures MeasureScopes(std::span<const ScoredExample> examples, float threshold);

// The threshold with the largest in-scope accuracy + out-of-scope recall among those that lose at most `cost` points
// (hundredths) of in-scope accuracy; of equals the lowest. Negative when no threshold is better than none, which
// is so when one of the two kinds is missing.
//
// The search is exact. Both figures change only where the threshold passes a score, so one value from each gap between
// neighbouring scores stands for all (the middle, so that the choice does not hug one of the examples), and one above
// all scores. Sorting makes it O(n log n); the sums are compared as integers, k/n + m/o by k*o + m*n.
float ChooseRejectThreshold(std::span<const ScoredExample> examples, double cost);

}  // namespace pbert::converter

#endif  // POCKETBERT_CONVERTER_EVALUATE_METRICS_H_
