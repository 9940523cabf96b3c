// What training computes, against scikit-learn and numpy (tests/golden/intents/make_training.py).
#include <doctest/doctest.h>

#include <bit>
#include <cmath>
#include <fstream>
#include <nlohmann/json.hpp>
#include <random>
#include <vector>

#include "base/checksum.h"
#include "converter/intents/calibration.h"
#include "converter/intents/discriminant.h"
#include "converter/intents/intent_training.h"
#include "converter/intents/lbfgs.h"
#include "converter/intents/logistic.h"
#include "converter/intents/portable_math.h"
#include "converter/intents/symmetric.h"
#include "converter/support/json.h"

namespace pbert::converter {
namespace {

struct Golden {
  Json json;
  DenseMatrix x;  // with a last column of ones
  std::vector<uint32_t> labels;

  Golden() {
    std::ifstream file(POCKETBERT_TESTS_DIR "/golden/intents/training.json");
    json = Json::parse(file);
    labels = json["labels"].get<std::vector<uint32_t>>();
    const auto rows = json["x"].get<std::vector<std::vector<float>>>();
    x = DenseMatrix(rows.size(), rows[0].size() + 1);
    for (size_t i = 0; i < rows.size(); ++i) {
      std::copy(rows[i].begin(), rows[i].end(), x.row(i));
      x.row(i)[x.columns - 1] = 1;
    }
  }
};

TEST_CASE("exp and log are those of mathematics") {
  for (double x = -699; x < 700; x += 0.37) {
    CHECK(PortableExp(x) == doctest::Approx(std::exp(x)).epsilon(1e-12));
  }
  for (double x = 1e-30; x < 1e30; x *= 1.7) CHECK(PortableLog(x) == doctest::Approx(std::log(x)).epsilon(1e-12));
  CHECK(PortableExp(-1e9) == 0);
  CHECK(PortableLog(1) == 0);
}

TEST_CASE("products of matrices, whatever their sizes and the number of threads") {
  std::mt19937 random(3);
  std::normal_distribution<float> normal;
  for (const auto& [rows, columns, others] : {std::tuple{1, 1, 1}, {5, 17, 3}, {300, 33, 7}, {513, 16, 66}}) {
    CAPTURE(rows);
    DenseMatrix a(rows, columns), b(others, columns), product(rows, others), sums(others, columns);
    for (int i = 0; i < rows; ++i) {
      for (int j = 0; j < columns; ++j) a.row(i)[j] = normal(random);
    }
    for (int i = 0; i < others; ++i) {
      for (int j = 0; j < columns; ++j) b.row(i)[j] = normal(random);
    }
    MultiplyByTransposed(a, b, 1, &product);
    MultiplyTransposed(product, a, 1, &sums);
    for (int i = 0; i < rows; i += 7) {
      for (int j = 0; j < others; ++j) {
        double expected = 0;
        for (int k = 0; k < columns; ++k) expected += static_cast<double>(a.row(i)[k] * b.row(j)[k]);
        CHECK(static_cast<double>(product.row(i)[j]) == doctest::Approx(expected).epsilon(1e-4));
      }
    }
    for (int i = 0; i < others; ++i) {
      double expected = 0;
      for (int k = 0; k < rows; ++k) expected += static_cast<double>(product.row(k)[i] * a.row(k)[0]);
      CHECK(static_cast<double>(sums.row(i)[0]) == doctest::Approx(expected).epsilon(1e-3));
    }
    DenseMatrix again(rows, others), sums_again(others, columns);
    MultiplyByTransposed(a, b, 3, &again);
    MultiplyTransposed(product, a, 3, &sums_again);
    CHECK(again.values == product.values);
    CHECK(sums_again.values == sums.values);
  }
}

TEST_CASE("L-BFGS finds the bottom of Rosenbrock's valley") {
  const auto valley = [](const std::vector<float>& x, std::vector<float>* gradient) {
    double value = 0;
    std::fill(gradient->begin(), gradient->end(), 0.0f);
    for (size_t i = 0; i + 1 < x.size(); i += 2) {
      const double a = 1 - static_cast<double>(x[i]);
      const double b = static_cast<double>(x[i + 1]) - static_cast<double>(x[i]) * static_cast<double>(x[i]);
      value += a * a + 100 * b * b;
      (*gradient)[i] = static_cast<float>(-2 * a - 400 * b * static_cast<double>(x[i]));
      (*gradient)[i + 1] = static_cast<float>(200 * b);
    }
    return value;
  };
  std::vector<float> x(10, -1.2f);
  CHECK(MinimizeLbfgs(valley, {.most_iterations = 500, .tolerance = 1e-9}, &x) < 1e-6);
  for (const float value : x) CHECK(value == doctest::Approx(1).epsilon(1e-2));
}

TEST_CASE("a function that is not finite ends the descent where it was") {
  std::vector<float> x(3, 1.0f);
  const auto broken = [](const std::vector<float>& at, std::vector<float>* gradient) {
    std::fill(gradient->begin(), gradient->end(), 1.0f);
    return at[0] < 1 ? std::nan("") : 1.0;
  };
  MinimizeLbfgs(broken, {}, &x);
  CHECK(x == std::vector<float>(3, 1.0f));
}

TEST_CASE("logistic regression is scikit-learn's") {
  const Golden golden;
  DenseMatrix weights(5, golden.x.columns);
  FitLogistic(
      golden.x, golden.labels,
      {.strength = golden.json["strength"], .threads = 1, .descent = {.most_iterations = 1000, .tolerance = 1e-6}},
      &weights);
  DenseMatrix logits(golden.x.rows, 5);
  MultiplyByTransposed(golden.x, weights, 1, &logits);
  for (size_t i = 0; i < 8; ++i) {
    for (size_t c = 0; c < 5; ++c) {
      // scikit-learn's biases sum to zero, as ours need not.
      const double ours = static_cast<double>(logits.row(i)[c] - logits.row(i)[0]);
      const double theirs = golden.json["logits"][i][c].get<double>() - golden.json["logits"][i][0].get<double>();
      CHECK(ours == doctest::Approx(theirs).epsilon(5e-3));
    }
  }
}

TEST_CASE("the relative Mahalanobis distance is numpy's") {
  const Golden golden;
  Moments moments(5, golden.x.columns - 1);
  DenseMatrix x(golden.x.rows, golden.x.columns - 1);
  for (size_t i = 0; i < x.rows; ++i) std::copy_n(golden.x.row(i), x.columns, x.row(i));
  moments.Add(x, golden.labels, 1);
  const Discriminant found = FitDiscriminant(moments, 64, golden.json["shrinkage"]);
  CHECK(found.projection.rows == 4);
  for (size_t i = 0; i < x.rows; ++i) {
    CHECK(static_cast<double>(RelativeDistance(found, x.row(i))) ==
          doctest::Approx(golden.json["distances"][i].get<double>()).epsilon(2e-3));
  }
  SUBCASE("what is subtracted was never there") {
    Moments twice = moments;
    twice.Add(x, golden.labels, 1);
    twice.Subtract(moments);
    CHECK(twice.counts == moments.counts);
    CHECK(RelativeDistance(FitDiscriminant(twice, 64, golden.json["shrinkage"]), x.row(0)) ==
          doctest::Approx(RelativeDistance(found, x.row(0))).epsilon(1e-3));
  }
}

TEST_CASE("eigenvalues and vectors of a small matrix") {
  std::vector<double> values, vectors;
  Eigen(3, {2, 1, 0, 1, 2, 0, 0, 0, 5}, &values, &vectors);
  CHECK(values[0] == doctest::Approx(5));
  CHECK(values[1] == doctest::Approx(3));
  CHECK(values[2] == doctest::Approx(1));
  CHECK(std::fabs(vectors[2]) == doctest::Approx(1));
  CHECK(vectors[3] == doctest::Approx(vectors[4]));
}

// Logits that are `sharp` times those under which the labels were drawn want this temperature back.
HeldOutScores Drawn(double sharp) {
  constexpr size_t kRows = 4000, kIntents = 3;
  HeldOutScores scores;
  scores.intents = kIntents;
  scores.logits = DenseMatrix(kRows, kIntents);
  std::mt19937 random(5);
  std::normal_distribution<double> normal(0, 2);
  std::uniform_real_distribution<double> uniform;
  for (size_t i = 0; i < kRows; ++i) {
    double logits[kIntents], sum = 0;
    for (double& logit : logits) sum += std::exp(logit = normal(random));
    double left = uniform(random) * sum;
    uint32_t label = 0;
    while (label + 1 < kIntents && (left -= std::exp(logits[label])) > 0) ++label;
    scores.labels.push_back(label);
    scores.distances.push_back(static_cast<float>(normal(random)));
    for (size_t c = 0; c < kIntents; ++c) scores.logits.row(i)[c] = static_cast<float>(logits[c] * sharp);
  }
  return scores;
}

TEST_CASE("the temperature makes probabilities honest") {
  for (const double sharp : {0.5, 1.0, 4.0}) {
    CAPTURE(sharp);
    const HeldOutScores scores = Drawn(sharp);
    const float temperature = FitTemperature(scores);
    CHECK(static_cast<double>(temperature) == doctest::Approx(sharp).epsilon(0.06));
    CHECK(Measure(scores, temperature, FitRejection(scores, 0.97)).calibration_error < 0.03);
  }
}

TEST_CASE("the threshold keeps what it was told to keep") {
  HeldOutScores scores = Drawn(1);
  for (const double keep : {0.9, 0.97, 1.0}) {
    const RejectionWeights weights = FitRejection(scores, keep);
    size_t kept = 0;
    for (size_t i = 0; i < scores.labels.size(); ++i) {
      double sum = 0;
      for (size_t c = 0; c < 3; ++c) sum += std::exp(static_cast<double>(scores.logits.row(i)[c]));
      kept += static_cast<double>(weights.offset) + static_cast<double>(weights.energy) * std::log(sum) -
                  static_cast<double>(weights.distance) * static_cast<double>(scores.distances[i]) >
              0;
    }
    CHECK(static_cast<double>(kept) / 4000 == doctest::Approx(keep).epsilon(0.001));
  }
}

// Features with three clear directions, and others that are out of scope.
struct Made {
  SentenceFeatures features;
  IntentExamples examples{.features = features};

  Made() {
    features.layers = {0, 1, 2};
    features.hidden_size = 8;
    features.sentences = 120;
    std::mt19937 random(7);
    for (size_t i = 0; i < features.sentences; ++i) {
      for (size_t part = 0; part < 3; ++part) {
        float row[8], squares = 0;
        for (size_t k = 0; k < 8; ++k) {
          // Integers of the generator alone: distributions of the library differ between libraries.
          row[k] = static_cast<float>(random() % 1000) / 1000 + (i < 90 && k == i % 3 ? 2.0f : 0.0f);
          squares += row[k] * row[k];
        }
        for (const float value : row) features.values.push_back(value / std::sqrt(squares));
      }
      if (i < 90) {
        examples.sentences.push_back(i);
        examples.labels.push_back(i % 3);
      } else {
        examples.out_of_scope.push_back(i);
      }
    }
    examples.intents = 3;
  }
};

uint64_t HashOf(const IntentHead& head) {
  Xxh64 hash;
  const auto add = [&](const std::vector<float>& values) { hash.Update(values.data(), values.size() * sizeof(float)); };
  add(head.linear.values);
  add(head.discriminant.projection.values);
  add(head.discriminant.means.values);
  add({head.temperature, head.rejection.offset, head.rejection.energy, head.rejection.distance});
  return hash.Finish();
}

TEST_CASE("a head is trained, and to the same bits by any number of threads, any compiler and any processor") {
  const Made made;
  const IntentHead head = TrainIntents(made.examples, {.keep = 0.97, .threads = 1}, {});
  CHECK(head.held_out.accuracy > 0.9);
  CHECK(head.held_out.out_of_scope_found > 0.5);
  CHECK(head.linear.rows == 4);
  const IntentHead again = TrainIntents(made.examples, {.keep = 0.97, .threads = 4}, {});
  CHECK(HashOf(again) == HashOf(head));
  // Not right or wrong in itself: what the first machine gave, which the others are held to.
  CHECK(HashOf(head) == 12539630556199761822ULL);
}

}  // namespace
}  // namespace pbert::converter
