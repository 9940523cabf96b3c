#include "platforms/cli/machine.h"

#include <unistd.h>

#include <cstdlib>
#include <fstream>
#include <thread>

#ifdef __linux__
#include <sched.h>
#endif

#include "base/cpu.h"
#include "engine/backend.h"
#include "kernels/instruction_set.h"
#include "platforms/cli/table.h"
#include "pocketbert/pocketbert.h"

namespace pbert::cli {
namespace {

// The first line of a file of the kernel's, without what ends it; empty when there is none.
std::string FirstLine(const char* path) {
  std::ifstream file(path);
  std::string line;
  std::getline(file, line);
  while (!line.empty() && (line.back() == '\0' || line.back() == ' ')) line.pop_back();
  return line;
}

// The value of the first "key : value" line of /proc/cpuinfo.
std::string CpuInfoValue(const std::string& key) {
  std::ifstream file("/proc/cpuinfo");
  for (std::string line; std::getline(file, line);) {
    const size_t colon = line.find(':');
    if (line.rfind(key, 0) == 0 && colon != std::string::npos && colon + 2 <= line.size())
      return line.substr(colon + 2);
  }
  return {};
}

// Processor time that the control group may use, in processors; 0: as many as there are.
double ProcessorQuota() {
  std::ifstream file("/sys/fs/cgroup/cpu.max");
  double quota = 0, period = 0;
  return file >> quota >> period && period > 0 ? quota / period : 0;
}

std::string CompilerName() {
#ifdef __clang__
  return std::string("clang ") + __clang_version__;
#else
  return std::string("g++ ") + __VERSION__;
#endif
}

// Those of this build that run on this machine, by the names that --backend takes.
std::string BackendNames() {
  const Backend* xnnpack = nullptr;
  std::string names;
  if (XnnBackend(&xnnpack).ok()) names += std::string(xnnpack->name()) + " ";
  if (NativeBackend() != nullptr) names += std::string(NativeBackend()->name()) + " ";
  return names + ReferenceBackend().name();
}

}  // namespace

std::string ProcessorName() {
  for (const std::string& name : {FirstLine("/proc/device-tree/model"), CpuInfoValue("model name"),
                                  CpuInfoValue("Hardware"), FirstLine("/sys/devices/soc0/machine")}) {
    if (!name.empty()) return name;
  }
  return "unknown";
}

std::string InstructionSets() {
  std::string names;
  for (const InstructionSet& set : pbert::InstructionSets()) {
    if (set.on_this_cpu) names += (names.empty() ? "" : " ") + std::string(set.name);
  }
  return names;
}

std::string InstructionSetsView() {
  std::string view;
  for (const InstructionSet& set : pbert::InstructionSets()) {
    view += (view.empty() ? "" : ", ") + std::string(set.name);
    if (&set == &UsedInstructionSet()) view += " (used)";
    if (!set.on_this_cpu) view += " (not on this processor)";
  }
  return view;
}

const char* BuildCommit() { return POCKETBERT_COMMIT; }

std::string VersionText() {
  return std::string("pocketbert ") + pbert_version() + "\ncommit: " + BuildCommit() + "\ncompiler: " + CompilerName() +
         "\nbackends: " + BackendNames() + "\ninstruction set: " + UsedInstructionSet().name + " (this machine)\n";
}

std::string ProcessorList(const ProcessorSet& set) {
  std::string list;
  for (uint32_t first = 0; first < ProcessorSet::kMost; ++first) {
    if (!set.Has(first)) continue;
    uint32_t last = first;
    while (set.Has(last + 1)) ++last;
    list += (list.empty() ? "" : ",") + std::to_string(first) + (last > first ? "-" + std::to_string(last) : "");
    first = last;
  }
  return list;
}

std::string CoresView(const CoreChoice& choice) {
  const std::string count = Format("%d core%s", choice.cores, choice.cores == 1 ? "" : "s");
  if (choice.allowed.Count() == 0) return count;
  const std::string view = "cpu " + ProcessorList(choice.processors) + " (" + count + "): ";
  const bool capacity = choice.by == CoresBy::kCapacity;
  if (choice.by == CoresBy::kName) return view + "the others are of a small kind";
  if (choice.by == CoresBy::kNothing) return view + "all that this process may use; nothing tells them apart";
  const auto amount = [&](uint32_t value) { return capacity ? Format("%u", value) : Format("%u MHz", value / 1000); };
  const std::string what = capacity ? "capacity " : "at most ";
  if (!choice.LeavesSomeOut() && choice.least == choice.most) return view + what + amount(choice.most) + ", all alike";
  const std::string most = view + what + amount(choice.least) + " of " + amount(choice.most);
  return choice.LeavesSomeOut() ? most + "; the others have " + amount(choice.others) + " at most" : most;
}

int UsableProcessors() {
#ifdef __linux__
  cpu_set_t set;
  if (sched_getaffinity(0, sizeof set, &set) == 0) return CPU_COUNT(&set);
#endif
  return static_cast<int>(std::thread::hardware_concurrency());
}

std::vector<std::string> SlowCauses() {
  std::vector<std::string> causes;
  [[maybe_unused]] const CpuInfo& cpu = Cpu();
  const int cores = BigCores().cores;
#ifndef NDEBUG
  causes.push_back("this is a debug build: configure with --preset release");
#endif
  if (const char* wanted = WantedInstructionSet(); wanted != nullptr) {
    const std::string used = UsedInstructionSet().name;
    if (used != wanted) {
      causes.push_back(
          Format("POCKETBERT_ISA is %s, which this processor or this build lacks: %s is used", wanted, used.c_str()));
    } else if (used != BestInstructionSet().name) {
      causes.push_back(Format("POCKETBERT_ISA keeps it to %s: unset that variable", wanted));
    }
  }
#if defined(__x86_64__)
  if (!cpu.avx2) {
    causes.push_back("the processor has no AVX2 (or the hypervisor hides it): products run at a fraction of the speed");
  } else if (!cpu.avx512vnni && !cpu.avxvnni) {
    causes.push_back("the processor has no VNNI (int8 dot products): products take about three times the instructions");
  }
#elif defined(__aarch64__)
  if (!cpu.neon_dot) {
    causes.push_back(
        "the processor has no dot product (ARMv8.2 SDOT): products take about four times the instructions");
  }
#endif
  if (BestKernels().isa == Isa::kScalar) causes.push_back("no vector kernels run here: everything is scalar code");
  const Backend* xnnpack = nullptr;
  if (const Status status = XnnBackend(&xnnpack); !status.ok()) {
    causes.push_back(
        std::string(
            "XNNPACK did not start, so that fp32 weights (and int8 ones where we have no product of our own) are "
            "multiplied by plain code: ") +
        status.message());
  }
  const std::string governor = FirstLine("/sys/devices/system/cpu/cpu0/cpufreq/scaling_governor");
  if (governor == "powersave" || governor == "conservative") {
    causes.push_back("the clock governor is " + governor +
                     ": `echo performance | sudo tee /sys/devices/system/cpu/cpu*/cpufreq/scaling_governor`");
  }
  const int usable = UsableProcessors();
  double load = 0;
  if (getloadavg(&load, 1) == 1 && load > 0.5 * usable) {
    causes.push_back(Format("other work runs: load %.1f on %d processor%s", load, usable, usable == 1 ? "" : "s"));
  }
  const double quota = ProcessorQuota();
  if (quota > 0 && quota < cores) {
    causes.push_back(Format("the container may use %.2g processors: more --threads than that make it slower", quota));
  }
  if (const int all = static_cast<int>(sysconf(_SC_NPROCESSORS_ONLN)); usable < all) {
    causes.push_back(Format("this process may run on %d of %d processors (taskset, cpuset)", usable, all));
  }
  const std::string huge_pages = FirstLine("/sys/kernel/mm/transparent_hugepage/enabled");
  if (huge_pages.find("[never]") != std::string::npos) {
    causes.push_back("huge pages are off: `echo madvise | sudo tee /sys/kernel/mm/transparent_hugepage/enabled`");
  }
  return causes;
}

}  // namespace pbert::cli
