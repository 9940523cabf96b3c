// The instruction sets that this build has code for, and which of them this process uses: the best of this CPU, or
// the one that the environment variable POCKETBERT_ISA names, so that a large machine can be tested and measured as
// if it were a small one.
//
// "portable" is none that a CPU has: its floats are the same bits on every machine (kernels_portable.cc), as all int8
// products are, and so is what an int8 network makes of a text. It is in builds with the command only
// (POCKETBERT_PORTABLE_KERNELS) and is never the best: somebody asks for it by name.
#ifndef POCKETBERT_KERNELS_INSTRUCTION_SET_H_
#define POCKETBERT_KERNELS_INSTRUCTION_SET_H_

#include <span>

#include "kernels/int8_product.h"
#include "kernels/kernels.h"

namespace pbert {

struct InstructionSet {
  // "scalar", "neon", "neondot", "neoni8mm", "avx2", "avxvnni", "avx512", "avx512vnni", "wasmsimd", "portable"
  const char* name;
  bool on_this_cpu;
  // What is used with it. They may be called where on_this_cpu is true.
  const Kernels& (*kernels)();
  const Int8Product& (*product)();  // null: none of ours
};

// The best first, down to "scalar", which every CPU has; "portable" comes behind. Always the same in a process, as is
// all that follows.
std::span<const InstructionSet> InstructionSets();

// The best that this CPU has, whatever is wanted.
const InstructionSet& BestInstructionSet();

const InstructionSet& UsedInstructionSet();

// What UseInstructionSet was given, or the value of POCKETBERT_ISA, which is read once; null where that is not set, or
// empty. A name that is not among InstructionSets, or that this CPU lacks, changes nothing.
const char* WantedInstructionSet();

// Wants this one, whatever POCKETBERT_ISA says. Comes before everything that asks which one is used, so before a model
// is opened, and is what settles it. Returns whether it is used from now on: not where another one was settled
// earlier, or where this build or this CPU lacks it. `name` lives as long as the process. Thread-safe.
bool UseInstructionSet(const char* name);

}  // namespace pbert

#endif  // POCKETBERT_KERNELS_INSTRUCTION_SET_H_
