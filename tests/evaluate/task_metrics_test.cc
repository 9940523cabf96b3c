#include "converter/evaluate/task_metrics.h"

#include <doctest/doctest.h>

#include <cmath>
#include <fstream>
#include <nlohmann/json.hpp>

namespace pbert::converter {
namespace {

using nlohmann::json;
using Strings = std::vector<std::string>;

// What seqeval, scipy and SQuAD's definition say: see make_metrics.py beside it.
const json& Golden() {
  static const json golden = json::parse(std::ifstream(POCKETBERT_TESTS_DIR "/golden/metrics/metrics.json"));
  return golden;
}

TEST_CASE("task metrics: entities and their F1 as seqeval has them") {
  for (const json& set : Golden()["entities"]) {
    EntityCounts counts;
    for (size_t i = 0; i < set["expected"].size(); ++i) {
      const Strings expected = set["expected"][i], predicted = set["predicted"][i];
      counts += CountEntities(expected, predicted);
      std::vector<Entity> entities;
      for (const json& entity : set["entities"][i]) entities.push_back({entity[0], entity[1], entity[2]});
      CAPTURE(set["expected"][i].dump());
      CHECK(Entities(expected) == entities);
    }
    CHECK(counts.Precision() == doctest::Approx(set["precision"].get<double>()));
    CHECK(counts.Recall() == doctest::Approx(set["recall"].get<double>()));
    CHECK(counts.F1() == doctest::Approx(set["f1"].get<double>()));
  }
}

TEST_CASE("task metrics: answers as SQuAD has them") {
  for (const json& row : Golden()["answers"]) {
    const std::string answer = row["answer"];
    const Strings expected = row["expected"];
    CAPTURE(row.dump());
    CHECK(NormalizeAnswer(answer) == row["normal"].get<std::string>());
    CHECK(ExactMatch(answer, expected) == row["exact"].get<double>());
    CHECK(WordF1(answer, expected) == doctest::Approx(row["f1"].get<double>()));
  }
  CHECK(ExactMatch("x", Strings{}) == 0);
  CHECK(WordF1("x", Strings{}) == 0);
}

TEST_CASE("task metrics: correlations as scipy has them") {
  for (const json& row : Golden()["correlations"]) {
    const std::vector<double> a = row["a"], b = row["b"];
    CHECK(Pearson(a, b) == doctest::Approx(row["pearson"].get<double>()));
    CHECK(Spearman(a, b) == doctest::Approx(row["spearman"].get<double>()));
  }
  const std::vector<double> flat = {2, 2, 2}, rising = {1, 2, 3};
  CHECK(std::isnan(Pearson(flat, rising)));
}

// Where every example tells the same, the draws cannot matter.
TEST_CASE("task metrics: paired bootstrap") {
  const std::vector<RatioTerm> good(40, {1, 1}), bad(40, {0, 1});
  CHECK(PairedBootstrap(good, good) == 1);
  CHECK(PairedBootstrap(good, bad) < 0.01);
  CHECK(PairedBootstrap(bad, good) < 0.01);
  // Ten of a hundred examples lost and ten won: nothing. Lost ten, won none: all but impossible by chance.
  std::vector<RatioTerm> a(100, {1, 1}), b = a, c = a;
  for (size_t i = 0; i < 10; ++i) a[i].numerator = c[i].numerator = 0;
  for (size_t i = 10; i < 20; ++i) b[i].numerator = 0;
  CHECK(PairedBootstrap(a, b) > 0.5);
  CHECK(PairedBootstrap(c, std::vector<RatioTerm>(100, {1, 1})) < 0.01);
}

}  // namespace
}  // namespace pbert::converter
