// The inner loops are assembly: a compiler would see that nothing reads their results. They name their registers, so
// that nothing is spilled, and need no compiler flags.
#include "platforms/cli/peak.h"

#include <algorithm>
#include <memory>
#include <string_view>
#include <vector>

#include "base/cpu.h"
#include "base/port.h"
#include "base/team.h"
#include "converter/support/error.h"
#include "kernels/instruction_set.h"

namespace pbert::cli {
namespace {

using converter::Error;

constexpr int kTrials = 20;
constexpr uint64_t kDotRounds = 4000;

struct DotLoop {
  const char* isa;
  void (*run)(uint64_t rounds);
  double macs_per_round;
};

// Reads [data, data + bytes), bytes a multiple of 1024; `ahead`: bytes of prefetch.
using ReadLoop = void (*)(const uint8_t* data, size_t bytes, size_t ahead);

#define TWELVE(I) I(0) I(1) I(2) I(3) I(4) I(5) I(6) I(7) I(8) I(9) I(10) I(11)

#if defined(__x86_64__)

#define CLOBBERS                                                                                                    \
  "cc", "memory", "xmm0", "xmm1", "xmm2", "xmm3", "xmm4", "xmm5", "xmm6", "xmm7", "xmm8", "xmm9", "xmm10", "xmm11", \
      "xmm12", "xmm13", "xmm14", "xmm15"
#define DOT_LOOP(Body) asm volatile("1:\n" Body "dec %0\n\tjnz 1b\n\tvzeroupper\n" : "+r"(rounds) : : CLOBBERS)

#define VNNI512(n) "vpdpbusd %%zmm13, %%zmm14, %%zmm" #n "\n\t"
#define VNNI256(n) "%{vex%} vpdpbusd %%ymm13, %%ymm14, %%ymm" #n "\n\t"
// Without VNNI: 32 products, added in pairs, then in fours, then to the sum.
#define MADD256(n)                                                                                 \
  "vpmaddubsw %%ymm13, %%ymm14, %%ymm12\n\tvpmaddwd %%ymm15, %%ymm12, %%ymm12\n\tvpaddd %%ymm12, " \
  "%%ymm" #n ", %%ymm" #n "\n\t"
#define MADD512(n)                                                                                 \
  "vpmaddubsw %%zmm13, %%zmm14, %%zmm12\n\tvpmaddwd %%zmm15, %%zmm12, %%zmm12\n\tvpaddd %%zmm12, " \
  "%%zmm" #n ", %%zmm" #n "\n\t"
#define MADD128(n) "pmaddwd %%xmm13, %%xmm12\n\tpaddd %%xmm12, %%xmm" #n "\n\t"

void DotVnni512(uint64_t rounds) { DOT_LOOP(TWELVE(VNNI512) TWELVE(VNNI512)); }
void DotVnni256(uint64_t rounds) { DOT_LOOP(TWELVE(VNNI256) TWELVE(VNNI256)); }
void DotAvx512(uint64_t rounds) { DOT_LOOP(TWELVE(MADD512)); }
void DotAvx2(uint64_t rounds) { DOT_LOOP(TWELVE(MADD256)); }
void DotSse2(uint64_t rounds) { asm volatile("1:\n" TWELVE(MADD128) "dec %0\n\tjnz 1b\n" : "+r"(rounds) : : CLOBBERS); }

#define LOAD512(n) "vmovdqu64 64*" #n "(%0), %%zmm" #n "\n\tprefetcht0 64*" #n "(%0,%2)\n\t"
#define LOAD256(n) \
  "vmovdqu 64*" #n "(%0), %%ymm" #n "\n\tvmovdqu 64*" #n "+32(%0), %%ymm" #n "\n\tprefetcht0 64*" #n "(%0,%2)\n\t"
#define LOAD128(n)                                                                                                 \
  "movdqu 64*" #n "(%0), %%xmm" #n "\n\tmovdqu 64*" #n "+16(%0), %%xmm" #n "\n\tmovdqu 64*" #n "+32(%0), %%xmm" #n \
  "\n\tmovdqu 64*" #n "+48(%0), %%xmm" #n "\n\tprefetcht0 64*" #n "(%0,%2)\n\t"
#define SIXTEEN(I) TWELVE(I) I(12) I(13) I(14) I(15)
#define READ_LOOP(Load, End)                                                       \
  const uint8_t* end = data + bytes;                                               \
  asm volatile("1:\n" SIXTEEN(Load) "add $1024, %0\n\tcmp %1, %0\n\tjb 1b\n\t" End \
               : "+r"(data)                                                        \
               : "r"(end), "r"(ahead)                                              \
               : CLOBBERS)

void ReadAvx512(const uint8_t* data, size_t bytes, size_t ahead) { READ_LOOP(LOAD512, "vzeroupper\n"); }
void ReadAvx2(const uint8_t* data, size_t bytes, size_t ahead) { READ_LOOP(LOAD256, "vzeroupper\n"); }
void ReadSse2(const uint8_t* data, size_t bytes, size_t ahead) { READ_LOOP(LOAD128, ""); }

DotLoop ChooseDot(std::string_view isa) {
  if (isa == "avx512vnni") return {"avx512vnni", DotVnni512, 24 * 64.0};
  if (isa == "avx512") return {"avx512", DotAvx512, 12 * 64.0};
  if (isa == "avxvnni") return {"avxvnni", DotVnni256, 24 * 32.0};
  if (isa == "avx2") return {"avx2", DotAvx2, 12 * 32.0};
  return {"sse2", DotSse2, 12 * 8.0};
}

ReadLoop ChooseRead() {
  if (Cpu().Avx512()) return ReadAvx512;
  return Cpu().avx2 ? ReadAvx2 : ReadSse2;
}

#elif defined(__aarch64__)

#define CLOBBERS                                                                                                 \
  "cc", "memory", "v0", "v1", "v2", "v3", "v4", "v5", "v6", "v7", "v8", "v9", "v10", "v11", "v12", "v13", "v14", \
      "v15", "v16", "v17", "v18", "v19"
#define DOT_LOOP(Body) asm volatile("1:\n" Body "subs %0, %0, #1\n\tb.ne 1b\n" : "+r"(rounds) : : CLOBBERS)
#define SMMLA(n) "smmla v" #n ".4s, v16.16b, v17.16b\n\t"
#define SDOT(n) "sdot v" #n ".4s, v16.16b, v17.16b\n\t"
// Without dot products: 16 products in two halves, added in pairs to sums of 32 bits.
#define SMULL(n) "smull v18.8h, v16.8b, v17.8b\n\tsmlal2 v18.8h, v16.16b, v17.16b\n\tsadalp v" #n ".4s, v18.8h\n\t"

void DotI8mm(uint64_t rounds) { DOT_LOOP(".arch armv8.2-a+i8mm\n\t" TWELVE(SMMLA) TWELVE(SMMLA)); }
void DotSdot(uint64_t rounds) { DOT_LOOP(".arch armv8.2-a+dotprod\n\t" TWELVE(SDOT) TWELVE(SDOT)); }
void DotNeon(uint64_t rounds) { DOT_LOOP(TWELVE(SMULL)); }

#define LOADQ(n) \
  "ldp q0, q1, [%0, #(64*" #n ")]\n\tldp q2, q3, [%0, #(64*" #n "+32)]\n\tprfm pldl1keep, [%2, #(64*" #n ")]\n\t"
void ReadNeon(const uint8_t* data, size_t bytes, size_t ahead) {
  const uint8_t* end = data + bytes;
  const uint8_t* next = data + ahead;
  asm volatile("1:\n" LOADQ(0) LOADQ(1) LOADQ(2) LOADQ(3) LOADQ(4) LOADQ(5) LOADQ(6)
                   LOADQ(7) "add %0, %0, #512\n\tadd %2, %2, #512\n\tcmp %0, %1\n\tb.lo 1b\n"
               : "+r"(data)
               : "r"(end), "r"(next)
               : CLOBBERS);
}

DotLoop ChooseDot(std::string_view isa) {
  if (isa == "neoni8mm") return {"neoni8mm", DotI8mm, 24 * 32.0};
  if (isa == "neondot") return {"neondot", DotSdot, 24 * 16.0};
  return {"neon", DotNeon, 12 * 16.0};
}
ReadLoop ChooseRead() { return ReadNeon; }

#else  // 32-bit ARM and others: what the compiler makes of plain loops

void DotPlain(uint64_t rounds) {
  typedef int16_t Shorts __attribute__((vector_size(16)));
  typedef int32_t Ints __attribute__((vector_size(16)));
  Shorts a = {}, b = {};
  Ints sums[12] = {};
  for (uint64_t r = 0; r < rounds; ++r) {
    asm volatile("" : "+m"(a), "+m"(b));
    const Shorts product = a * b;
    for (Ints& sum : sums) sum += (Ints)product;
  }
  asm volatile("" : : "m"(sums));
}
void ReadPlain(const uint8_t* data, size_t bytes, size_t ahead) {
  uint64_t sum = 0;
  for (const uint8_t* end = data + bytes; data < end; data += 64) {
    __builtin_prefetch(data + ahead);
    for (size_t i = 0; i < 64; i += 8) sum += *reinterpret_cast<const uint64_t*>(data + i);
  }
  asm volatile("" : : "r"(sum));
}
DotLoop ChooseDot(std::string_view) { return {"plain", DotPlain, 12 * 8.0}; }
ReadLoop ChooseRead() { return ReadPlain; }

#endif

// One trial: all threads begin together behind a barrier, and the slowest counts.
struct Trial {
  Team* team;
  DotLoop dot;
  ReadLoop read;
  const uint8_t* data;
  size_t bytes, ahead;
  bool reading;
  uint64_t nanoseconds;

  static void Run(void* context, uint32_t thread) {
    Trial& trial = *static_cast<Trial*>(context);
    trial.team->Barrier();
    const uint64_t start = MonotonicNanoseconds();
    if (trial.reading) {
      const size_t share = trial.bytes / trial.team->size() / 1024 * 1024;
      trial.read(trial.data + thread * share, share, trial.ahead);
    } else {
      trial.dot.run(kDotRounds);
    }
    trial.team->Barrier();
    if (thread == 0) trial.nanoseconds = MonotonicNanoseconds() - start;
  }
};

struct Pages {
  explicit Pages(size_t bytes) : size(bytes), data(static_cast<uint8_t*>(AllocatePages(bytes))) {
    if (data == nullptr) throw Error("not enough memory to measure this machine with");
    std::fill_n(data, size, uint8_t{1});  // or all pages would be the one page of zeros
  }
  ~Pages() { FreePages(data, size); }
  size_t size;
  uint8_t* data;
};

}  // namespace

Peak MeasurePeak(uint32_t threads, size_t buffer_bytes, const InstructionSet& instructions) {
  Arena counting;
  Team* team = nullptr;
  if (const Status status = Team::Create(threads, &counting, &team); !status.ok()) throw Error(status.message());
  std::vector<uint8_t> memory(counting.Needed());
  Arena arena(memory.data(), memory.size());
  if (const Status status = Team::Create(threads, &arena, &team); !status.ok()) throw Error(status.message());
  const std::unique_ptr<Team, void (*)(Team*)> owner(team, &Team::Destroy);

  const size_t bytes = std::max<size_t>(buffer_bytes / (threads * 1024), 1) * threads * 1024;
  const Pages pages(bytes);
  // "portable" multiplies with what is best on this CPU.
  const bool portable = instructions.name == std::string_view("portable");
  const char* isa = (portable ? BestInstructionSet() : instructions).name;
  Trial trial = {team, ChooseDot(isa), ChooseRead(), pages.data, bytes, 0, false, 0};
  Peak peak;
  peak.dot_isa = trial.dot.isa;
  for (const bool reading : {false, true}) {
    trial.reading = reading;
    double& best = reading ? peak.gbytes : peak.gmacs;
    const double work = reading ? static_cast<double>(bytes) : trial.dot.macs_per_round * kDotRounds * threads;
    for (int i = 0; i < kTrials; ++i) {
      trial.ahead = size_t{1024} << (i % 4);  // the best distance differs from core to core
      if (const Status status = team->Run(Trial::Run, &trial); !status.ok()) throw Error(status.message());
      best = std::max(best, work / static_cast<double>(trial.nanoseconds));
    }
  }
  return peak;
}

}  // namespace pbert::cli
