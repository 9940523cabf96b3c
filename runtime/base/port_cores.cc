#include "base/port_cores.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <unistd.h>

#include <cstdio>

namespace pbert {
namespace {

// The number that a file about a processor begins with.
bool ReadNumber(const char* root, uint32_t processor, const char* name, uint32_t* number) {
  char path[512];
  const int length = snprintf(path, sizeof(path), "%s/sys/devices/system/cpu/cpu%u/%s", root, processor, name);
  if (length < 0 || length >= static_cast<int>(sizeof(path))) return false;
  const int file = open(path, O_RDONLY | O_CLOEXEC);
  if (file < 0) return false;
  char text[32];
  ssize_t got;
  do {
    got = read(file, text, sizeof(text));
  } while (got < 0 && errno == EINTR);
  close(file);
  uint64_t value = 0;
  ssize_t i = 0;
  for (; i < got && text[i] >= '0' && text[i] <= '9' && value < UINT32_MAX; ++i) value = value * 10 + (text[i] - '0');
  if (i == 0 || value > UINT32_MAX) return false;
  *number = static_cast<uint32_t>(value);
  return true;
}

// One number for each processor of a set; elsewhere it means nothing.
struct Numbers {
  uint32_t of[ProcessorSet::kMost];
};

template <typename Function>
void ForEach(const ProcessorSet& set, Function function) {
  for (uint32_t i = 0; i < ProcessorSet::kMost; ++i) {
    if (set.Has(i)) function(i);
  }
}

// False unless all have one: a machine without such files is asked once, not for each of its processors.
bool ReadNumbers(const char* root, const ProcessorSet& set, const char* name, Numbers* numbers) {
  for (uint32_t i = 0; i < ProcessorSet::kMost; ++i) {
    if (set.Has(i) && !ReadNumber(root, i, name, &numbers->of[i])) return false;
  }
  return true;
}

CoresBy Weigh(const char* root, const ProcessorSet& allowed, const ProcessorSet* small_by_name, Numbers* weights) {
  if (ReadNumbers(root, allowed, "cpu_capacity", weights)) return CoresBy::kCapacity;
  if (small_by_name != nullptr) {
    bool small = false, big = false;
    ForEach(allowed, [&](uint32_t i) {
      weights->of[i] = small_by_name->Has(i) ? 1 : 4;
      (small_by_name->Has(i) ? small : big) = true;
    });
    if (small && big) return CoresBy::kName;
  }
  if (ReadNumbers(root, allowed, "cpufreq/cpuinfo_max_freq", weights)) return CoresBy::kFrequency;
  ForEach(allowed, [&](uint32_t i) { weights->of[i] = 1; });
  return CoresBy::kNothing;
}

// Threads of one core count once; a core is named by the first of its processors.
int CountCores(const ProcessorSet& processors, const Numbers& cores) {
  ProcessorSet seen;
  ForEach(processors, [&](uint32_t i) { seen.Add(cores.of[i]); });
  return seen.Count();
}

}  // namespace

CoreChoice ChooseCores(const char* root, const ProcessorSet& allowed, const ProcessorSet* small_by_name, int wanted) {
  CoreChoice choice;
  choice.allowed = allowed;
  if (allowed.Count() == 0) return choice;
  Numbers weights, cores;
  choice.by = Weigh(root, allowed, small_by_name, &weights);
  ForEach(allowed, [&](uint32_t i) {
    if (!ReadNumber(root, i, "topology/thread_siblings_list", &cores.of[i]) || cores.of[i] >= ProcessorSet::kMost) {
      cores.of[i] = i;
    }
    if (weights.of[i] > choice.most) choice.most = weights.of[i];
  });

  uint64_t least = uint64_t{choice.most} * 3 / 4;
  for (;;) {
    choice.processors = {};
    choice.least = choice.most;
    choice.others = 0;
    ForEach(allowed, [&](uint32_t i) {
      if (weights.of[i] < least) {
        if (weights.of[i] > choice.others) choice.others = weights.of[i];
        return;
      }
      choice.processors.Add(i);
      if (weights.of[i] < choice.least) choice.least = weights.of[i];
    });
    choice.cores = CountCores(choice.processors, cores);
    if (choice.cores >= wanted || choice.processors == allowed) break;
    least = choice.others;
  }
  if (choice.by == CoresBy::kName || choice.by == CoresBy::kNothing) choice.most = choice.least = choice.others = 0;
  return choice;
}

#if defined(__linux__)

bool AllowedProcessors(ProcessorSet* allowed) {
  cpu_set_t set;
  if (sched_getaffinity(0, sizeof(set), &set) != 0) return false;
  for (uint32_t i = 0; i < CPU_SETSIZE; ++i) {
    if (CPU_ISSET(i, &set)) allowed->Add(i);
  }
  return true;
}

void KeepToProcessors(const ProcessorSet& processors) {
  cpu_set_t set;
  CPU_ZERO(&set);
  for (uint32_t i = 0; i < CPU_SETSIZE; ++i) {
    if (processors.Has(i)) CPU_SET(i, &set);
  }
  sched_setaffinity(0, sizeof(set), &set);
}

#else

bool AllowedProcessors(ProcessorSet*) { return false; }
void KeepToProcessors(const ProcessorSet&) {}

#endif

}  // namespace pbert
