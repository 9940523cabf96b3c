// How the weights of a file are to be stored.
#ifndef POCKETBERT_CONVERTER_NETWORK_WEIGHT_CHOICE_H_
#define POCKETBERT_CONVERTER_NETWORK_WEIGHT_CHOICE_H_

#include <string>
#include <utility>
#include <vector>

namespace pbert::converter {

enum class WeightType { kInt8, kFloat32 };

// How the matrices of a file are stored: all of one type but for those that stay finer.
struct WeightChoice {
  WeightChoice(WeightType all, std::vector<std::string> kept = {}) : type(all), keep(std::move(kept)) {}

  WeightType type;
  // Matrices that stay fp32, by their names in the file ("layers.0.ffn_out.weight", as `inspect` and `compare` print
  // them); `*` stands for any characters, `?` for one. A pattern that fits no matrix is an Error.
  std::vector<std::string> keep;
};

}  // namespace pbert::converter

#endif  // POCKETBERT_CONVERTER_NETWORK_WEIGHT_CHOICE_H_
