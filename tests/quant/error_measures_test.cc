#include "quant/error_measures.h"

#include <doctest/doctest.h>

#include <cmath>
#include <limits>
#include <vector>

namespace pbert {
namespace {

using Floats = std::vector<float>;
constexpr double kInfinity = std::numeric_limits<double>::infinity();

TEST_CASE("error measures: signal to noise in decibel") {
  CHECK(SignalToNoiseDb(Floats{3, 4}, Floats{3, 4}) == kInfinity);
  CHECK(SignalToNoiseDb(Floats{10, 0}, Floats{9, 0}) == doctest::Approx(20));  // 100 : 1
  CHECK(SignalToNoiseDb(Floats{1, 1}, Floats{0, 0}) == doctest::Approx(0));    // noise as large as the signal
  CHECK(SignalToNoiseDb(Floats{1, -2, 3}, Floats{1.1f, -2, 3}) == doctest::Approx(31.461).epsilon(1e-4));
  CHECK(SignalToNoiseDb(Floats{0, 0}, Floats{1, 0}) == -kInfinity);
  CHECK(SignalToNoiseDb(Floats{}, Floats{}) == kInfinity);
}

TEST_CASE("error measures: cosine") {
  CHECK(CosineSimilarity(Floats{1, 2, 3}, Floats{2, 4, 6}) == doctest::Approx(1));
  CHECK(CosineSimilarity(Floats{1, 0}, Floats{0, 5}) == 0);
  CHECK(CosineSimilarity(Floats{1, 1}, Floats{-1, -1}) == doctest::Approx(-1));
  CHECK(CosineSimilarity(Floats{1, 0}, Floats{1, 1}) == doctest::Approx(std::sqrt(0.5)));
  CHECK(CosineSimilarity(Floats{0, 0}, Floats{0, 0}) == 1);
  CHECK(CosineSimilarity(Floats{0, 0}, Floats{1, 0}) == 0);
  CHECK(CosineSimilarity(Floats{1e30f, 1e30f}, Floats{1e30f, 1e30f}) == doctest::Approx(1));  // squares overflow float
}

TEST_CASE("error measures: largest and mean absolute difference") {
  CHECK(MaxAbsError(Floats{1, 2, 3}, Floats{1, 2.5f, 2}) == 1);
  CHECK(MeanAbsError(Floats{1, 2, 3}, Floats{1, 2.5f, 2}) == doctest::Approx(0.5));
  CHECK(MaxAbsError(Floats{}, Floats{}) == 0);
  CHECK(MeanAbsError(Floats{}, Floats{}) == 0);
}

TEST_CASE("error measures: a NaN is not overlooked") {
  const Floats bad = {1, std::numeric_limits<float>::quiet_NaN(), 9};
  CHECK(std::isnan(MaxAbsError(Floats{1, 2, 3}, bad)));
  CHECK(std::isnan(MaxAbsError(bad, Floats{1, 2, 3})));
  CHECK(std::isnan(MeanAbsError(Floats{1, 2, 3}, bad)));
}

// Over two pairs: what the functions say of one long pair.
TEST_CASE("error sums: many pairs are one long one") {
  const std::vector<float> exact = {1, -2, 3, 0.5f, 8}, near = {1.25f, -2, 2.5f, 0, 8.125f};
  ErrorSums sums;
  sums.Add({exact.data(), 2}, {near.data(), 2});
  sums.Add({exact.data() + 2, 3}, {near.data() + 2, 3});
  CHECK(sums.count == 5);
  CHECK(sums.SignalToNoiseDb() == doctest::Approx(SignalToNoiseDb(exact, near)));
  CHECK(sums.Cosine() == doctest::Approx(CosineSimilarity(exact, near)));
  CHECK(sums.MeanAbs() == doctest::Approx(1.375 / 5));
  CHECK(sums.worst == 0.5);
}

}  // namespace
}  // namespace pbert
