// An order for scores that may be no numbers: finite weights can overflow, and a comparison that is neither less nor
// equal breaks std::sort, which then leaves its array.
#ifndef POCKETBERT_BASE_RANK_H_
#define POCKETBERT_BASE_RANK_H_

#include <cmath>

namespace pbert {

// The score to compare by: NaN counts as the lowest.
template <typename Float>
Float Rank(Float score) {
  return std::isnan(score) ? static_cast<Float>(-INFINITY) : score;
}

}  // namespace pbert

#endif  // POCKETBERT_BASE_RANK_H_
