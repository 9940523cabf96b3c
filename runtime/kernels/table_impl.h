// The table of an instruction set, from its vector type.
#ifndef POCKETBERT_KERNELS_TABLE_IMPL_H_
#define POCKETBERT_KERNELS_TABLE_IMPL_H_

#include "kernels/attention_impl.h"
#include "kernels/dot_impl.h"
#include "kernels/kernels.h"
#include "kernels/rows_impl.h"

namespace pbert {
namespace {

template <class V>
constexpr Kernels TableOf(Isa isa, const char* name) {
  return {isa,          name,          Quantize<V>, LayerNorm<V>,   Activate<V>, Softmax<V>,
          Attention<V>, AddInt8Row<V>, AddRow<V>,   DotInt8Rows<V>, DotRows<V>};
}

}  // namespace
}  // namespace pbert

#endif  // POCKETBERT_KERNELS_TABLE_IMPL_H_
