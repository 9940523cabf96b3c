#include "base/port_cpu.h"

#if defined(__x86_64__) || defined(__i386__)
#include <cpuid.h>
#elif defined(__linux__) && (defined(__aarch64__) || defined(__arm__))
#include <sys/auxv.h>
#endif

namespace pbert {

#if defined(__x86_64__) || defined(__i386__)

namespace {

bool Has(unsigned flags, int bit) { return (flags >> bit & 1) != 0; }

// The registers that the operating system keeps for each thread. Only where CPUID says OSXSAVE.
unsigned ReadXcr0() {
  unsigned low, high;
  asm volatile("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
  return low;
}

constexpr unsigned kYmm = 0x6, kZmm = 0xe6, kTiles = 0x60000;

}  // namespace

void AskProcessor(CpuInfo* cpu) {
  unsigned a, b, c, d;
  if (__get_cpuid(1, &a, &b, &c, &d) == 0 || !Has(c, 27)) return;
  const unsigned kept = ReadXcr0();
  const bool ymm = (kept & kYmm) == kYmm, zmm = (kept & kZmm) == kZmm;
  const bool fma_f16c = Has(c, 12) && Has(c, 28) && Has(c, 29);
  if (!ymm || __get_cpuid_count(7, 0, &a, &b, &c, &d) == 0) return;
  const unsigned subleaves = a;
  cpu->avx2 = fma_f16c && Has(b, 5);
  cpu->avx512f = zmm && Has(b, 16);
  cpu->avx512dq = zmm && Has(b, 17);
  cpu->avx512bw = zmm && Has(b, 30);
  cpu->avx512vl = zmm && Has(b, 31);
  cpu->avx512vnni = zmm && Has(c, 11);
  cpu->amx_int8 = (kept & kTiles) == kTiles && Has(d, 25);
  if (subleaves >= 1 && __get_cpuid_count(7, 1, &a, &b, &c, &d) != 0) cpu->avxvnni = Has(a, 4);
}

#else

void AskProcessor(CpuInfo* cpu) {
  // The bits are Linux's interface; older headers lack the names.
#if defined(__aarch64__)
  cpu->neon = true;
#if defined(__ARM_FEATURE_DOTPROD)
  cpu->neon_dot = true;
#endif
#if defined(__ARM_FEATURE_MATMUL_INT8)
  cpu->neon_i8mm = true;
#endif
#if defined(__linux__)
  if ((getauxval(AT_HWCAP) >> 20 & 1) != 0) cpu->neon_dot = true;             // HWCAP_ASIMDDP
  if ((getauxval(26 /* AT_HWCAP2 */) >> 13 & 1) != 0) cpu->neon_i8mm = true;  // HWCAP2_I8MM
#endif
#elif defined(__arm__)
#if defined(__ARM_NEON)
  cpu->neon = true;
#endif
#if defined(__linux__)
  if ((getauxval(AT_HWCAP) >> 12 & 1) != 0) cpu->neon = true;  // HWCAP_NEON
#endif
#else
  (void)cpu;
#endif
}

#endif

}  // namespace pbert
