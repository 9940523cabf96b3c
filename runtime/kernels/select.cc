// Which table this machine uses.
#include "base/cpu.h"
#include "base/port.h"
#include "kernels/int8_product_tables.h"
#include "kernels/kernels.h"
#include "kernels/max_isa.h"
#include "kernels/tables.h"

namespace pbert {

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

const Int8Product* Int8ProductFor(const char* name) {
#ifdef POCKETBERT_KERNELS_X86
  if (SameText(name, "avx512vnni")) {
    return Cpu().Avx512() && Cpu().avx512vnni ? &Avx512VnniInt8Product() : nullptr;
  }
  if (SameText(name, "avx2")) return Cpu().avx2 ? &Avx2Int8Product() : nullptr;
#endif
#ifdef __aarch64__
  if (SameText(name, "neoni8mm")) return Cpu().neon_dot && Cpu().neon_i8mm ? &NeonI8mmInt8Product() : nullptr;
  if (SameText(name, "neon")) return &NeonInt8Product();
  if (SameText(name, "neondot")) return Cpu().neon_dot ? &NeonDotInt8Product() : nullptr;
#endif
#ifdef POCKETBERT_KERNELS_WASM
  if (SameText(name, "wasmsimd")) return &WasmSimdInt8Product();
#endif
  return SameText(name, "scalar") ? &ScalarInt8Product() : nullptr;
}

namespace {

// So that every one can be tried, and compared, on one machine.
const Int8Product* WantedInt8Product() {
  const char* name = EnvironmentVariable("POCKETBERT_INT8_PRODUCT");
  return name == nullptr ? nullptr : Int8ProductFor(name);
}

const Int8Product* FindBestInt8Product() {
  if (const Int8Product* wanted = WantedInt8Product()) return wanted;
  const Int8Product* best = nullptr;
  if (!kNoVnni) best = Int8ProductFor("avx512vnni");
  if (kScalarOnly) return best;
  static constexpr const char* kFastestFirst[] = {"avx2", "neoni8mm", "neondot", "neon", "wasmsimd"};
  for (const char* name : kFastestFirst) {
    if (best == nullptr) best = Int8ProductFor(name);
  }
  return best;
}

}  // namespace

const Int8Product* BestInt8Product() {
  static const Int8Product* const best = FindBestInt8Product();
  return best;
}

// Where XNNPACK has instructions that we have no file for, it keeps the products until somebody has measured them.
bool Int8ProductIsFastest() {
  const Int8Product* best = BestInt8Product();
  if (best == nullptr) return false;
  if (best == WantedInt8Product()) return true;
  if (!kNoVnni && Cpu().amx_int8) return false;
  const bool only_avx2 = SameText(best->name, "avx2");
  return !(only_avx2 && Cpu().avxvnni && !SameText(kMaxIsa, "avx2"));
}

}  // namespace pbert
