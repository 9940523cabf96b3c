// Which processors threads had better run on, where some cores are smaller than others.
#ifndef POCKETBERT_BASE_PORT_CORES_H_
#define POCKETBERT_BASE_PORT_CORES_H_

#include <bit>
#include <cstdint>

namespace pbert {

// A set of logical processors, by Linux's numbers.
struct ProcessorSet {
  static constexpr uint32_t kMost = 1024;  // as in Linux's own set
  uint64_t words[kMost / 64] = {};

  bool Has(uint32_t processor) const { return processor < kMost && (words[processor / 64] >> processor % 64 & 1) != 0; }
  void Add(uint32_t processor) {
    if (processor < kMost) words[processor / 64] |= uint64_t{1} << processor % 64;
  }
  int Count() const {
    int count = 0;
    for (const uint64_t word : words) count += std::popcount(word);
    return count;
  }
  bool operator==(const ProcessorSet&) const = default;
};

// What tells big cores from small ones.
enum class CoresBy : uint8_t { kNothing, kCapacity, kName, kFrequency };

struct CoreChoice {
  ProcessorSet allowed;     // by the calling thread's affinity; empty where the system does not tell
  ProcessorSet processors;  // those of them that are chosen
  int cores = 0;            // physical ones, that `processors` belong to
  CoresBy by = CoresBy::kNothing;
  // Capacities (the greatest core's is 1024), or kHz; 0 otherwise. Of all that are allowed, of the least of the chosen,
  // and of the greatest of the others.
  uint32_t most = 0, least = 0, others = 0;

  bool LeavesSomeOut() const { return !(processors == allowed); }
};

// Of `allowed`, the cores whose capacity is at least three quarters of the greatest, so that a phone's one "prime" core
// does not stand alone; smaller ones too, the largest first, until there are `wanted` cores. Capacity is what the
// kernel says under `root`/sys; else `small_by_name` (null: nobody knows) tells small ones; else frequencies stand
// for it.
CoreChoice ChooseCores(const char* root, const ProcessorSet& allowed, const ProcessorSet* small_by_name, int wanted);

// Where the calling thread may run. False where the system does not tell.
bool AllowedProcessors(ProcessorSet* allowed);
// Keeps the calling thread to these. A hint: a system that refuses is left alone.
void KeepToProcessors(const ProcessorSet& processors);

}  // namespace pbert

#endif  // POCKETBERT_BASE_PORT_CORES_H_
