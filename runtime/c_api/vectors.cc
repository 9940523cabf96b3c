// The C interface's functions on embeddings.
#include <cmath>

#include "c_api/handles.h"
#include "pocketbert/pocketbert.h"
#include "tasks/nearest.h"

namespace pbert {
namespace {

Status CheckColumns(const char* function, uint32_t columns) {
  if (columns > 0 && columns <= kMaxVectorColumns) return Status();
  return Status::Error(Code::kInvalidArgument, "%s: columns is %u; 1 to %u will do", function, columns,
                       kMaxVectorColumns);
}

Status Quantize(const float* vector, uint32_t columns, int8_t* quantized) {
  constexpr char kName[] = "pbert_quantize_vector";
  if (vector == nullptr) return NullArgument(kName, "vector");
  if (quantized == nullptr) return NullArgument(kName, "quantized");
  PBERT_RETURN_IF_ERROR(CheckColumns(kName, columns));
  QuantizeVector({vector, columns}, quantized);
  return Status();
}

Status Nearest(const float* query, uint32_t columns, const int8_t* vectors, uint32_t count, pbert_label_score* best,
               uint32_t capacity, uint32_t* found) {
  constexpr char kName[] = "pbert_nearest";
  if (query == nullptr) return NullArgument(kName, "query");
  if (vectors == nullptr && count > 0) return NullArgument(kName, "vectors");
  if (best == nullptr && capacity > 0) return NullArgument(kName, "best");
  if (found == nullptr) return NullArgument(kName, "found");
  PBERT_RETURN_IF_ERROR(CheckColumns(kName, columns));
  *found = static_cast<uint32_t>(FindNearest({query, columns}, vectors, count, {best, capacity}));
  return Status();
}

}  // namespace
}  // namespace pbert

using pbert::Report;

float pbert_similarity(const float* a, const float* b, uint32_t columns) {
  if (a == nullptr || b == nullptr) return 0.0f;
  double product = 0, squares_a = 0, squares_b = 0;
  for (uint32_t i = 0; i < columns; ++i) {
    product += double{a[i]} * b[i];
    squares_a += double{a[i]} * a[i];
    squares_b += double{b[i]} * b[i];
  }
  const double lengths = std::sqrt(squares_a) * std::sqrt(squares_b);
  const double cosine = product / lengths;
  return lengths > 0 && std::isfinite(cosine) ? static_cast<float>(cosine) : 0.0f;
}

pbert_status pbert_quantize_vector(const float* vector, uint32_t columns, int8_t* quantized) {
  return Report(pbert::Quantize(vector, columns, quantized));
}

pbert_status pbert_nearest(const float* query, uint32_t columns, const int8_t* vectors, uint32_t count,
                           pbert_label_score* best, uint32_t capacity, uint32_t* found) {
  return Report(pbert::Nearest(query, columns, vectors, count, best, capacity, found));
}
