// Which table this machine uses.
#include "base/cpu.h"
#include "kernels/kernels.h"
#include "kernels/tables.h"

namespace pbert {
namespace {

constexpr bool SameText(const char* a, const char* b) {
  while (*a != '\0' && *a == *b) ++a, ++b;
  return *a == *b;
}

// A build that must not use more than some instruction set, so that a large machine can be measured as if
// it were a small one.
#ifdef POCKETBERT_MAX_ISA
constexpr const char* kMaxIsa = POCKETBERT_MAX_ISA;
#else
constexpr const char* kMaxIsa = "";
#endif
constexpr bool kScalarOnly = SameText(kMaxIsa, "scalar");
constexpr bool kNoAvx512 = kScalarOnly || SameText(kMaxIsa, "avx2") || SameText(kMaxIsa, "avxvnni");
static_assert(kNoAvx512 || SameText(kMaxIsa, "") || SameText(kMaxIsa, "avx512") || SameText(kMaxIsa, "avx512vnni") ||
                  SameText(kMaxIsa, "neon"),
              "POCKETBERT_MAX_ISA is none of scalar, neon, avx2, avxvnni, avx512, avx512vnni");

}  // namespace

// Keys and values of a head, filled up to the widest vector, and the scores of one tile of rows.
size_t AttentionScratch(size_t key_rows, size_t head_size) {
  const size_t padded = (key_rows + kMaxVectorWidth - 1) / kMaxVectorWidth * kMaxVectorWidth;
  const size_t padded_head = (head_size + kMaxVectorWidth - 1) / kMaxVectorWidth * kMaxVectorWidth;
  return padded * (head_size + padded_head + kMaxTileRows);
}

const Kernels* KernelsFor(Isa isa) {
  switch (isa) {
    case Isa::kScalar:
      return &ScalarKernels();
#ifdef POCKETBERT_KERNELS_X86
    case Isa::kAvx2:
      return Cpu().avx2 ? &Avx2Kernels() : nullptr;
    case Isa::kAvx512:
      return Cpu().Avx512() ? &Avx512Kernels() : nullptr;
#endif
#ifdef POCKETBERT_KERNELS_ARM
    case Isa::kNeon:
      return Cpu().neon ? &NeonKernels() : nullptr;
#endif
#ifdef POCKETBERT_KERNELS_WASM
    case Isa::kWasmSimd:  // a module with vectors does not load where there are none
      return &WasmSimdKernels();
#endif
    default:
      return nullptr;
  }
}

const Kernels& BestKernels() {
  const Kernels* best = nullptr;
  if (!kNoAvx512) best = KernelsFor(Isa::kAvx512);
  if (best == nullptr && !kScalarOnly) best = KernelsFor(Isa::kAvx2);
  if (best == nullptr && !kScalarOnly) best = KernelsFor(Isa::kNeon);
  if (best == nullptr && !kScalarOnly) best = KernelsFor(Isa::kWasmSimd);
  return best != nullptr ? *best : ScalarKernels();
}

}  // namespace pbert
