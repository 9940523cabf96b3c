// The instruction sets that this build has code for, and which of them this process uses: the best of this CPU, or
// the one that the environment variable POCKETBERT_ISA names, so that a large machine can be tested and measured as
// if it were a small one.
#ifndef POCKETBERT_KERNELS_INSTRUCTION_SET_H_
#define POCKETBERT_KERNELS_INSTRUCTION_SET_H_

#include <span>

#include "kernels/int8_product.h"
#include "kernels/kernels.h"

namespace pbert {

struct InstructionSet {
  const char* name;  // "scalar", "neon", "neondot", "neoni8mm", "avx2", "avxvnni", "avx512", "avx512vnni", "wasmsimd"
  bool on_this_cpu;
  // What is used with it. They may be called where on_this_cpu is true.
  const Kernels& (*kernels)();
  const Int8Product& (*product)();  // null: none of ours
};

// The best first; "scalar" is the last. Always the same in a process, as is all that follows.
std::span<const InstructionSet> InstructionSets();

// The best that this CPU has, whatever POCKETBERT_ISA says.
const InstructionSet& BestInstructionSet();

const InstructionSet& UsedInstructionSet();

// The value of POCKETBERT_ISA, which is read once; null where it is not set, or empty. A name that is not among
// InstructionSets, or that this CPU lacks, changes nothing.
const char* WantedInstructionSet();

}  // namespace pbert

#endif  // POCKETBERT_KERNELS_INSTRUCTION_SET_H_
