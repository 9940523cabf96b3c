// Where select.cc finds the table of each instruction set. A file of vector code defines its one function
// here and nothing else that a linker sees: an inline function with external linkage that was compiled for
// AVX512 could be the copy that the linker keeps for everybody.
#ifndef POCKETBERT_KERNELS_TABLES_H_
#define POCKETBERT_KERNELS_TABLES_H_

#include "kernels/kernels.h"

#if defined(__x86_64__) || defined(__i386__)
#define POCKETBERT_KERNELS_X86 1
#endif
// 32-bit ARM has no baseline with NEON, so kernels_neon.cc is compiled for it and asked for at run time.
#if defined(__aarch64__) || defined(__arm__)
#define POCKETBERT_KERNELS_ARM 1
#endif
#ifdef __wasm_simd128__
#define POCKETBERT_KERNELS_WASM 1
#endif

namespace pbert {

// The largest of any instruction set; what AttentionScratch counts with.
inline constexpr size_t kMaxVectorWidth = 16;  // floats
inline constexpr size_t kMaxTileRows = 8;      // rows of scores held at once

const Kernels& Avx2Kernels();
const Kernels& Avx512Kernels();
const Kernels& NeonKernels();
const Kernels& WasmSimdKernels();
const Kernels& PortableKernels();  // where POCKETBERT_PORTABLE_KERNELS is defined

}  // namespace pbert

#endif  // POCKETBERT_KERNELS_TABLES_H_
