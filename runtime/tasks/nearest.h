// The vectors that are nearest to one by cosine, among many kept in int8.
#ifndef POCKETBERT_TASKS_NEAREST_H_
#define POCKETBERT_TASKS_NEAREST_H_

#include <cstddef>
#include <cstdint>
#include <span>

#include "pocketbert/pocketbert.h"

namespace pbert {

// Rows may be this long at most, so that sums of products of 8 and 13 bits fit into 32.
inline constexpr uint32_t kMaxVectorColumns = 4096;

// int8 in proportion to `vector`, whose largest absolute value becomes 127; zeros for a vector of zeros or with values
// that are not finite. Cosines do not see the factor, so that none is kept.
void QuantizeVector(std::span<const float> vector, int8_t* quantized);

// All rows of `vectors` [count, query.size()] are looked at. Writes the best to `best`, nearest first, ties in order,
// as far as there are so many; returns how many. A row of zeros has the cosine 0. Query has at most kMaxVectorColumns.
size_t FindNearest(std::span<const float> query, const int8_t* vectors, uint32_t count,
                   std::span<pbert_label_score> best);

}  // namespace pbert

#endif  // POCKETBERT_TASKS_NEAREST_H_
