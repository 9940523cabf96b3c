// "Did you mean": the nearest of some words to a mistyped one.
#ifndef POCKETBERT_CONVERTER_SUPPORT_NEAREST_H_
#define POCKETBERT_CONVERTER_SUPPORT_NEAREST_H_

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace pbert::converter {

// Letters to insert, delete, replace or swap with their neighbour to get from one word to the other
// (the optimal string alignment distance).
size_t EditDistance(std::string_view a, std::string_view b);

// The nearest of `words`, or "" when none is near enough to be what was meant.
std::string Nearest(std::string_view word, const std::vector<std::string>& words);

// ": did you mean `x`?", or "".
std::string DidYouMean(std::string_view word, const std::vector<std::string>& words);

// "the model has no label `x`: did you mean `y`? It has a, b, c and 4 more": the rest of a message about a data set.
std::string NoSuchLabel(std::string_view name, const std::vector<std::string>& labels);

}  // namespace pbert::converter

#endif  // POCKETBERT_CONVERTER_SUPPORT_NEAREST_H_
