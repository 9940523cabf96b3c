// What bench makes of series of times, and --threads auto of measurements: made-up ones.
#include <doctest/doctest.h>

#include <cmath>
#include <vector>

#include "platforms/cli/fastest.h"
#include "platforms/cli/timing_notes.h"

namespace pbert::cli {
namespace {

// `count` times around 1 ms, a few per cent apart, times factor(i / count).
template <typename Factor>
TimedSeries Series(size_t count, Factor factor, uint64_t switches = 0, double stolen = 0) {
  TimedSeries series{32, {}, switches, stolen};
  for (size_t i = 0; i < count; ++i) {
    const double ripple = 1 + 0.04 * static_cast<double>(i * 37 % 11) / 11;
    series.ms.push_back(ripple * factor(static_cast<double>(i) / static_cast<double>(count)));
  }
  return series;
}

double Even(double) { return 1; }
double Rising(double at) { return 1 + 0.4 * at; }
double Spiky(double at) { return std::fmod(at * 200, 25) < 1 ? 3 : 1; }  // one request in 25

TEST_CASE("timing notes: an even series says nothing") {
  const std::vector<TimedSeries> all = {Series(200, Even), Series(200, Even, 4, 0.005)};
  CHECK(Judge(all).rising == nullptr);
  CHECK(Judge(all).disturbed == nullptr);
}

TEST_CASE("timing notes: times that rise all along are throttling, and the steepest series is named") {
  const auto steeper = [](double at) { return 1 + 0.8 * at; };
  const std::vector<TimedSeries> all = {Series(200, Even), Series(200, Rising), Series(200, steeper)};
  CHECK(Judge(all).rising == &all[2]);
  CHECK(Judge(all).disturbed == nullptr);
  CHECK(timing::Rise(all[1].ms) == doctest::Approx(0.29).epsilon(0.1));
}

TEST_CASE("timing notes: what falls again, settles or is short is none") {
  const auto hill = [](double at) { return at > 0.3 && at < 0.6 ? 1.5 : 1.0; };
  const auto step = [](double at) { return at < 0.1 ? 1.5 : 1.0; };
  const auto back = [](double at) { return at < 0.5 ? 1.0 : at < 0.75 ? 1.5 : 1.15; };
  const auto slight = [](double at) { return 1 + 0.05 * at; };
  for (const TimedSeries& series :
       {Series(200, hill), Series(200, step), Series(200, slight), Series(200, back), Series(12, Rising)}) {
    CHECK(Judge({series}).rising == nullptr);
  }
}

TEST_CASE("timing notes: a spread is a neighbour's only where the system saw one") {
  CHECK(Judge({Series(200, Spiky)}).disturbed == nullptr);
  CHECK(Judge({Series(200, Spiky, 4)}).disturbed == nullptr);
  CHECK(Judge({Series(200, Spiky, 10)}).disturbed != nullptr);
  CHECK(Judge({Series(200, Spiky, 0, 0.05)}).disturbed != nullptr);
  CHECK(Judge({Series(200, Spiky, 10)}).rising == nullptr);
  CHECK(Judge({Series(12, Spiky, 10)}).disturbed == nullptr);
}

TEST_CASE("threads: the fastest number, fewer where more are hardly better, never more than there are cores") {
  int calls = 0;
  const auto of = [&](std::vector<double> times) {
    calls = 0;
    return [&calls, times](uint32_t threads) {
      REQUIRE(threads <= times.size());
      ++calls;
      return times[threads - 1];
    };
  };
  CHECK(FastestCount(1, of({1})) == 1);
  CHECK(FastestCount(4, of({1, 0.6, 0.5, 0.4})) == 4);
  CHECK(FastestCount(4, of({1, 0.6, 0.59, 0.585})) == 2);
  CHECK(FastestCount(2, of({1, 0.99})) == 1);
  CHECK(FastestCount(8, of({1, 0.6, 0.9, 0.9, 0.1, 0.1, 0.1, 0.1})) == 2);
  CHECK(calls == 4);
}

}  // namespace
}  // namespace pbert::cli
