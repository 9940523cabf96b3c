#include "platforms/cli/timing_notes.h"

#include <sys/resource.h>

#include <fstream>

#include "platforms/cli/table.h"

namespace pbert::cli {

std::vector<std::string> TimingNotes(const std::vector<TimedSeries>& all) {
  const auto [rising, disturbed] = Judge(all);
  std::vector<std::string> notes;
  if (rising != nullptr) {
    notes.push_back(
        Format("thermal throttling: at %u tokens requests became %.0f %% slower from the first quarter of them to the "
               "last, as on a processor that lowers its clock",
               rising->tokens, 100 * timing::Rise(rising->ms)));
  }
  if (disturbed != nullptr) {
    std::string stolen;
    if (disturbed->stolen_share > kStolenShare) {
      stolen = Format(", and a hypervisor gave %.0f %% of the time to others", 100 * disturbed->stolen_share);
    }
    notes.push_back(
        Format("busy neighbour: at %u tokens the slowest of 100 requests took %.1f times the median; a core was taken "
               "away %llu times%s",
               disturbed->tokens, timing::Spread(disturbed->ms),
               static_cast<unsigned long long>(disturbed->involuntary_switches), stolen.c_str()));
  }
  return notes;
}

// "cpu user nice system idle iowait irq softirq steal guest ...", the guests' being among user's and nice's.
Disturbances Disturbances::SoFar() {
  Disturbances now;
  rusage usage{};
  if (getrusage(RUSAGE_SELF, &usage) == 0) now.involuntary_switches = static_cast<uint64_t>(usage.ru_nivcsw);
  std::ifstream file("/proc/stat");
  std::string cpu;
  file >> cpu;
  uint64_t ticks = 0;
  for (int i = 0; i < 8 && file >> ticks; ++i) {
    now.all += ticks;
    if (i == 7) now.stolen = ticks;
  }
  return now;
}

}  // namespace pbert::cli
