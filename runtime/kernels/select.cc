// Which table and which int8 product this machine uses.
#include <atomic>

#include "base/cpu.h"
#include "base/port.h"
#include "kernels/instruction_set.h"
#include "kernels/int8_product_tables.h"
#include "kernels/kernels.h"
#include "kernels/tables.h"

namespace pbert {
namespace {

bool SameText(const char* a, const char* b) {
  while (*a != '\0' && *a == *b) ++a, ++b;
  return *a == *b;
}

// The name that POCKETBERT_ISA takes for the instruction set of a table.
const char* NameOf(Isa isa) {
  switch (isa) {
    case Isa::kNeon:
      return "neon";
    case Isa::kAvx2:
      return "avx2";
    case Isa::kAvx512:
      return "avx512";
    case Isa::kWasmSimd:
      return "wasmsimd";
    case Isa::kPortable:
      return "portable";
    default:
      return "scalar";
  }
}

// Null where this build or this CPU lacks it.
const InstructionSet* Find(const char* name) {
  for (const InstructionSet& set : InstructionSets()) {
    if (SameText(set.name, name)) return set.on_this_cpu ? &set : nullptr;
  }
  return nullptr;
}

// What UseInstructionSet was given.
std::atomic<const char*> asked_for{nullptr};

#ifdef POCKETBERT_PORTABLE_KERNELS
// All products are the same bits, so the quickest of ours will do.
const Int8Product& PortableProduct() {
  const InstructionSet* set = InstructionSets().data();
  while (!set->on_this_cpu || set->product == nullptr) ++set;  // "scalar" has one
  return set->product();
}
#endif

const InstructionSet* Wanted() {
  static const InstructionSet* const wanted =
      WantedInstructionSet() == nullptr ? nullptr : Find(WantedInstructionSet());
  return wanted;
}

}  // namespace

std::span<const InstructionSet> InstructionSets() {
  static const InstructionSet sets[] = {
#ifdef POCKETBERT_KERNELS_X86
      {"avx512vnni", Cpu().Avx512() && Cpu().avx512vnni, Avx512Kernels, Avx512VnniInt8Product},
      {"avxvnni", Cpu().avx2 && Cpu().avxvnni, Avx2Kernels, AvxVnniInt8Product},
      {"avx512", Cpu().Avx512(), Avx512Kernels, Avx2Int8Product},
      {"avx2", Cpu().avx2, Avx2Kernels, Avx2Int8Product},
#endif
#ifdef __aarch64__
      {"neoni8mm", Cpu().neon_dot && Cpu().neon_i8mm, NeonKernels, NeonI8mmInt8Product},
      {"neondot", Cpu().neon_dot, NeonKernels, NeonDotInt8Product},
      {"neon", Cpu().neon, NeonKernels, NeonInt8Product},
#elif defined(POCKETBERT_KERNELS_ARM)
      {"neon", Cpu().neon, NeonKernels, nullptr},
#endif
#ifdef POCKETBERT_KERNELS_WASM
      {"wasmsimd", true, WasmSimdKernels, WasmSimdInt8Product},  // such a module does not load where there are none
#endif
      {"scalar", true, ScalarKernels, ScalarInt8Product},
#ifdef POCKETBERT_PORTABLE_KERNELS
      {"portable", true, PortableKernels, PortableProduct},
#endif
  };
  return sets;
}

const char* WantedInstructionSet() {
  static const char* const wanted = [] {
    if (const char* asked = asked_for.load(std::memory_order_acquire); asked != nullptr) return asked;
    const char* value = EnvironmentVariable("POCKETBERT_ISA");
    return value == nullptr || *value == '\0' ? nullptr : value;
  }();
  return wanted;
}

bool UseInstructionSet(const char* name) {
  asked_for.store(name, std::memory_order_release);
  return SameText(UsedInstructionSet().name, name);
}

const InstructionSet& BestInstructionSet() {
  const InstructionSet* best = InstructionSets().data();
  while (!best->on_this_cpu) ++best;  // "scalar" always is
  return *best;
}

const InstructionSet& UsedInstructionSet() {
  static const InstructionSet* const used = Wanted() != nullptr ? Wanted() : &BestInstructionSet();
  return *used;
}

// Keys and values of a head, filled up to the widest vector, and the scores of one tile of rows.
size_t AttentionScratch(size_t key_rows, size_t head_size) {
  const size_t padded = (key_rows + kMaxVectorWidth - 1) / kMaxVectorWidth * kMaxVectorWidth;
  const size_t padded_head = (head_size + kMaxVectorWidth - 1) / kMaxVectorWidth * kMaxVectorWidth;
  return padded * (head_size + padded_head + kMaxTileRows);
}

const Kernels* KernelsFor(Isa isa) {
  const InstructionSet* set = Find(NameOf(isa));
  return set == nullptr ? nullptr : &set->kernels();
}

const Kernels& BestKernels() { return UsedInstructionSet().kernels(); }

const Int8Product* Int8ProductFor(const char* name) {
  const InstructionSet* set = Find(name);
  return set == nullptr || set->product == nullptr ? nullptr : &set->product();
}

// The scalar product is nobody's choice, unless it is asked for, or XNNPACK has no chance to start: without cpuinfo.
const Int8Product* BestInt8Product() {
  const InstructionSet& used = UsedInstructionSet();
  const bool ours_only = Cpu().cpuinfo == CpuInfo::Cpuinfo::kFailed;
  if (ours_only) return used.product == nullptr ? &ScalarInt8Product() : &used.product();
  if (used.product == nullptr || (used.product == ScalarInt8Product && Wanted() == nullptr)) return nullptr;
  return &used.product();
}

// Where XNNPACK has instructions that we have no file for, it keeps the products until somebody has measured them.
bool Int8ProductIsFastest() {
  if (BestInt8Product() == nullptr) return false;
  if (Wanted() != nullptr) return true;
  return !Cpu().amx_int8;
}

}  // namespace pbert
