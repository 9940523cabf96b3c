// What this processor can do. The one door to cpuinfo.
#ifndef POCKETBERT_BASE_CPU_H_
#define POCKETBERT_BASE_CPU_H_

#include "base/port_cores.h"

namespace pbert {

// Instruction sets that some file of ours is compiled for, and that this processor and its operating
// system run. On another architecture they are false.
struct CpuInfo {
  bool avx2 = false;  // with FMA and F16C, which every processor with AVX2 that we know of has
  bool avx512f = false, avx512bw = false, avx512vl = false, avx512dq = false;
  bool avx512vnni = false;
  bool avxvnni = false;
  bool amx_int8 = false;  // no file of ours: a reason to leave the products to XNNPACK
  bool neon = false;
  bool neon_dot = false;   // SDOT, ARMv8.2
  bool neon_i8mm = false;  // SMMLA, ARMv8.6

  // What cpuinfo, and so XNNPACK, knows of this processor: nothing where there is no /proc, say.
  enum class Cpuinfo : unsigned char { kKnows, kFailed, kNoMemory } cpuinfo = Cpuinfo::kKnows;

  // Everything that files named *_avx512.cc are compiled for.
  bool Avx512() const { return avx2 && avx512f && avx512bw && avx512vl && avx512dq; }
};

// Asks cpuinfo at the first call, which allocates its tables, and remembers. Where cpuinfo fails (no /proc, say), the
// processor is asked itself, or on ARM what Linux handed to the process at its start. Thread-safe.
const CpuInfo& Cpu();

// The cores that are worth a thread, of those that the calling thread may run on: the largest ones, and smaller ones
// only as far as `wanted` threads need more. `cores` is at least 1. Reads some files of /sys at each call, as a thread
// may be moved.
CoreChoice BigCores(int wanted = 1);

}  // namespace pbert

#endif  // POCKETBERT_BASE_CPU_H_
