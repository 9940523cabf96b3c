#include "base/cpu.h"

#include <cpuinfo.h>

#include "base/port_cpu.h"

// Of cpuinfo_memory.c.
extern "C" int cpuinfo_lacked_memory(void);

namespace pbert {
namespace {

// The cores that a vendor pairs with bigger ones: in order, or clocked and cached for power. A list by
// name, because frequencies are often unreadable and a phone may have three sizes of core, the two larger
// of which both deserve a thread.
bool IsSmall(cpuinfo_uarch uarch) {
  switch (uarch) {
    case cpuinfo_uarch_cortex_a5:
    case cpuinfo_uarch_cortex_a7:
    case cpuinfo_uarch_cortex_a32:
    case cpuinfo_uarch_cortex_a35:
    case cpuinfo_uarch_cortex_a53:
    case cpuinfo_uarch_cortex_a55r0:
    case cpuinfo_uarch_cortex_a55:
    case cpuinfo_uarch_cortex_a510:
    case cpuinfo_uarch_cortex_a520:
    case cpuinfo_uarch_icestorm:
    case cpuinfo_uarch_blizzard:
    case cpuinfo_uarch_sawtooth:
    case cpuinfo_uarch_gracemont:
    case cpuinfo_uarch_crestmont:
      return true;
    default:
      return false;
  }
}

// Where the system does not tell which processors a thread may run on.
int CountBigCores() {
  if (Cpu().cpuinfo != CpuInfo::Cpuinfo::kKnows) return 1;
  const int all = static_cast<int>(cpuinfo_get_cores_count());
  int big = 0;
  for (int i = 0; i < all; ++i) big += IsSmall(cpuinfo_get_core(static_cast<uint32_t>(i))->uarch) ? 0 : 1;
  if (big > 0) return big;
  return all > 0 ? all : 1;
}

ProcessorSet SmallByName() {
  ProcessorSet small;
#if defined(__linux__)
  for (uint32_t i = 0; i < cpuinfo_get_processors_count(); ++i) {
    const cpuinfo_processor* processor = cpuinfo_get_processor(i);
    if (IsSmall(processor->core->uarch)) small.Add(static_cast<uint32_t>(processor->linux_id));
  }
#endif
  return small;
}

CpuInfo Detect() {
  CpuInfo cpu;
  if (!cpuinfo_initialize()) {
    AskProcessor(&cpu);
    cpu.amx_int8 = false;  // XNNPACK, which would use it, does not start without cpuinfo
    cpu.cpuinfo = cpuinfo_lacked_memory() != 0 ? CpuInfo::Cpuinfo::kNoMemory : CpuInfo::Cpuinfo::kFailed;
    return cpu;
  }
#if defined(__aarch64__)
  cpu.neon = true;
#endif
  cpu.avx2 = cpuinfo_has_x86_avx2() && cpuinfo_has_x86_fma3() && cpuinfo_has_x86_f16c();
  cpu.avx512f = cpuinfo_has_x86_avx512f();
  cpu.avx512bw = cpuinfo_has_x86_avx512bw();
  cpu.avx512vl = cpuinfo_has_x86_avx512vl();
  cpu.avx512dq = cpuinfo_has_x86_avx512dq();
  cpu.avx512vnni = cpuinfo_has_x86_avx512vnni();
  cpu.avxvnni = cpuinfo_has_x86_avxvnni();
  cpu.amx_int8 = cpuinfo_has_x86_amx_int8();
  cpu.neon = cpu.neon || cpuinfo_has_arm_neon();
  cpu.neon_dot = cpuinfo_has_arm_neon_dot();
  cpu.neon_i8mm = cpuinfo_has_arm_i8mm();
  return cpu;
}

}  // namespace

const CpuInfo& Cpu() {
  static const CpuInfo cpu = Detect();
  return cpu;
}

CoreChoice BigCores(int wanted) {
  CoreChoice choice;
  ProcessorSet allowed;
  if (!AllowedProcessors(&allowed)) {
    choice.cores = CountBigCores();
    return choice;
  }
  const bool known = Cpu().cpuinfo == CpuInfo::Cpuinfo::kKnows;
  const ProcessorSet small = known ? SmallByName() : ProcessorSet{};
  return ChooseCores("", allowed, known ? &small : nullptr, wanted);
}

}  // namespace pbert
