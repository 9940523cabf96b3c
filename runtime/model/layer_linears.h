// The linears of a layer, whatever holds them: query, key, value, attention_output, ffn_in, ffn_out.
#ifndef POCKETBERT_MODEL_LAYER_LINEARS_H_
#define POCKETBERT_MODEL_LAYER_LINEARS_H_

#include <array>
#include <cstddef>

#include "schema/model_generated.h"

namespace pbert {

inline constexpr size_t kLayerLinears = 6;

// Pointers to the members of these names.
template <typename Layer>
auto LinearsOf(Layer& layer) {
  return std::array<decltype(&layer.query), kLayerLinears>{
      &layer.query, &layer.key, &layer.value, &layer.attention_output, &layer.ffn_in, &layer.ffn_out};
}

// Those of the file.
inline std::array<const schema::Linear*, kLayerLinears> LinearsOf(const schema::Layer& layer) {
  return {layer.query(), layer.key(), layer.value(), layer.attention_output(), layer.ffn_in(), layer.ffn_out()};
}

}  // namespace pbert

#endif  // POCKETBERT_MODEL_LAYER_LINEARS_H_
