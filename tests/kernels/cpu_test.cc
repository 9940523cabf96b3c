// What cpuinfo says against what the compiler's own run-time library says.
#include "base/cpu.h"

#include <doctest/doctest.h>

#include <thread>

namespace pbert::test {
namespace {

TEST_CASE("the processor is what the compiler takes it for") {
  const CpuInfo& cpu = Cpu();
  CHECK(&cpu == &Cpu());
  CHECK(BigCores().cores >= 1);
#if defined(__x86_64__)
  CHECK(cpu.avx2 ==
        (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") && __builtin_cpu_supports("f16c")));
  CHECK(cpu.avx512f == static_cast<bool>(__builtin_cpu_supports("avx512f")));
  CHECK(cpu.avx512bw == static_cast<bool>(__builtin_cpu_supports("avx512bw")));
  CHECK(cpu.avx512vl == static_cast<bool>(__builtin_cpu_supports("avx512vl")));
  CHECK(cpu.avx512dq == static_cast<bool>(__builtin_cpu_supports("avx512dq")));
  CHECK(cpu.avx512vnni == static_cast<bool>(__builtin_cpu_supports("avx512vnni")));
  CHECK_FALSE(cpu.neon);
  CHECK(BigCores().cores <= static_cast<int>(std::thread::hardware_concurrency()));
#elif defined(__aarch64__) || defined(__arm__)
  CHECK(cpu.neon);
  CHECK_FALSE(cpu.avx2);
#endif
}

}  // namespace
}  // namespace pbert::test
