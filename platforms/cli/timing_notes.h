// What a series of times says about the machine that it was measured on.
#ifndef POCKETBERT_PLATFORMS_CLI_TIMING_NOTES_H_
#define POCKETBERT_PLATFORMS_CLI_TIMING_NOTES_H_

#include <algorithm>
#include <cstdint>
#include <string>
#include <vector>

namespace pbert::cli {

// Of one length, in the order in which they were measured.
struct TimedSeries {
  uint32_t tokens = 0;
  std::vector<double> ms;
  // Meanwhile: how often the system took a core away from this process's threads, and the share of the processors' time
  // that a hypervisor gave to others.
  uint64_t involuntary_switches = 0;
  double stolen_share = 0;
};

namespace timing {

inline double Quantile(std::vector<double> times, double share) {
  const auto at = static_cast<size_t>(share * static_cast<double>(times.size() - 1));
  std::nth_element(times.begin(), times.begin() + static_cast<ptrdiff_t>(at), times.end());
  return times[at];
}

inline constexpr size_t kLeastTimes = 20;  // fewer say nothing

// By how much times rise from the first quarter of the series to the last, 0.1 being 10 %; 0 unless they do all along.
// By the quarters' faster requests: what else runs slows some of them, a lower clock all.
inline double Rise(const std::vector<double>& ms) {
  if (ms.size() < kLeastTimes) return 0;
  double quarters[4];
  for (size_t i = 0; i < 4; ++i) {
    const auto begin = ms.begin() + static_cast<ptrdiff_t>(i * ms.size() / 4);
    const auto end = ms.begin() + static_cast<ptrdiff_t>((i + 1) * ms.size() / 4);
    quarters[i] = Quantile({begin, end}, 0.25);
    if (i > 0 && quarters[i] < 0.98 * quarters[i - 1]) return 0;
  }
  return quarters[3] / quarters[0] - 1;
}

// How many times the median the slowest hundredth takes.
inline double Spread(const std::vector<double>& ms) {
  if (ms.size() < kLeastTimes) return 1;
  return Quantile(ms, 0.99) / Quantile(ms, 0.5);
}

}  // namespace timing

// The series that show it most, null where none does.
struct TimingJudgement {
  const TimedSeries* rising = nullptr;     // thermal throttling
  const TimedSeries* disturbed = nullptr;  // a busy neighbour
};

inline constexpr double kStolenShare = 0.01;  // that matters

inline TimingJudgement Judge(const std::vector<TimedSeries>& all) {
  constexpr double kRise = 0.1, kSpread = 1.5;
  TimingJudgement judgement;
  double most_rise = kRise, most_spread = kSpread;
  for (const TimedSeries& series : all) {
    if (const double rise = timing::Rise(series.ms); rise > most_rise) judgement.rising = &series, most_rise = rise;
    // A switch now and then is no neighbour: one in fifty requests.
    const bool seen =
        series.involuntary_switches > std::max<size_t>(3, series.ms.size() / 50) || series.stolen_share > kStolenShare;
    const double spread = timing::Spread(series.ms);
    if (seen && spread > most_spread) judgement.disturbed = &series, most_spread = spread;
  }
  return judgement;
}

// A sentence for each of the two.
std::vector<std::string> TimingNotes(const std::vector<TimedSeries>& all);

// What the system has counted so far.
struct Disturbances {
  uint64_t involuntary_switches = 0;  // of this process
  uint64_t stolen = 0, all = 0;       // ticks of all processors

  static Disturbances SoFar();
};

}  // namespace pbert::cli

#endif  // POCKETBERT_PLATFORMS_CLI_TIMING_NOTES_H_
