// What the processor can do, without a file of the system's: cpuinfo reads /proc and /sys, which a chroot or a sandbox
// may lack.
#ifndef POCKETBERT_BASE_PORT_CPU_H_
#define POCKETBERT_BASE_PORT_CPU_H_

#include "base/cpu.h"

namespace pbert {

// Fills in the instruction sets: by CPUID on x86, by what Linux hands to a process at its start on ARM, and elsewhere
// what the compiler takes for granted.
void AskProcessor(CpuInfo* cpu);

}  // namespace pbert

#endif  // POCKETBERT_BASE_PORT_CPU_H_
