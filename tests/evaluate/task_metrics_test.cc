#include "converter/evaluate/task_metrics.h"

#include <doctest/doctest.h>

#include <cmath>
#include <fstream>
#include <nlohmann/json.hpp>
#include <random>

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

// SQuAD 2.0's evaluate script, by hand: get_raw_scores drops gold answers that normalize to nothing and takes ['']
// where none is left; compute_f1 is 1 or 0 where one side has no words.
TEST_CASE("task metrics: answers as SQuAD 2.0 has them") {
  struct Row {
    const char* answer;
    Strings expected;
    double exact, f1;
  };
  const std::vector<Row> rows = {
      {"", {}, 1, 1},                                 // unanswerable, and nothing was answered
      {"the", {}, 1, 1},                              // normalizes to nothing
      {"London", {}, 0, 0},                           // unanswerable, and something was
      {"", {"London"}, 0, 0},                         // answerable, and nothing was
      {"The London!", {"london"}, 1, 1},              // articles, case and punctuation do not count
      {"in London", {"London", "Rome"}, 0, 2.0 / 3},  // precision 1/2, recall 1; the best of both
      {"a", {"The", "London"}, 0, 0},                 // "The" is dropped, so nothing is not what was wanted
      {"", {"the", "!"}, 1, 1},                       // both are dropped: [''] is left
      {"London", {"the"}, 0, 0},
  };
  for (const Row& row : rows) {
    CAPTURE(row.answer);
    const AnswerScore score = ScoreAnswer(row.answer, row.expected);
    CHECK(score.exact == row.exact);
    CHECK(score.f1 == doctest::Approx(row.f1));
  }
}

// find_best_thresh, by hand: it begins with the number of unanswerable questions, all unanswered, and walks up the
// margins; an answerable question adds the F1 of its answer, an unanswerable one takes 1 away.
TEST_CASE("task metrics: the null threshold of SQuAD 2.0's script") {
  const std::vector<NullChoice> set = {
      {0.5f, 0, 1},      // unanswerable
      {-0.75f, 1, 0},    // answered rightly
      {-0.25f, 0.8, 0},  // answered nearly
      {-0.5f, 0, 1},     // unanswerable
      {0.25f, 0, 0},     // answered wrongly
  };
  // 2; at -0.75: 3; at -0.5: 2; at -0.25: 2.8; at 0.25: 2.8; at 0.5: 1.8.
  CHECK(BestNullThreshold(set) == -0.75f);
  std::vector<NullChoice> more = set;
  more[2].answered = 1;  // 3 again at -0.25: the first counts
  CHECK(BestNullThreshold(more) == -0.75f);
  more.push_back({-0.25f, 0.5, 0});  // 3.5 with both of this margin
  CHECK(BestNullThreshold(more) == -0.25f);
  more.push_back({-0.25f, 0, 1});  // of which this one cannot be told apart: 2.5
  CHECK(BestNullThreshold(more) == -0.75f);

  // None answered is best: below all.
  CHECK(BestNullThreshold(std::vector<NullChoice>{{0.5f, 0, 1}, {0.75f, 0, 0}}) == -1);
  CHECK(BestNullThreshold(std::vector<NullChoice>{{-0.5f, 0, 1}, {0.75f, 0, 0}}) == -1.5f);
  // No numbers are no thresholds.
  CHECK(BestNullThreshold({}) == 0);
  CHECK(BestNullThreshold(std::vector<NullChoice>{{NAN, 1, 0}, {-INFINITY, 1, 0}, {0.5f, 1, 0}}) == 0.5f);
  CHECK(std::isfinite(BestNullThreshold(std::vector<NullChoice>{{NAN, 1, 0}})));
}

TEST_CASE("task metrics: no threshold is better than the null threshold") {
  std::mt19937 random(17);
  for (int round = 0; round < 200; ++round) {
    std::vector<NullChoice> set(1 + random() % 30);
    for (NullChoice& choice : set) {
      choice.margin = static_cast<float>(static_cast<int>(random() % 17) - 8) / 8;  // often the same
      const bool answerable = random() % 2 != 0;
      choice.answered = answerable ? static_cast<double>(random() % 5) / 4 : 0;  // quarters: sums are exact
      choice.unanswered = answerable ? 0 : 1;
    }
    const auto sum = [&](float threshold) {
      double total = 0;
      for (const NullChoice& choice : set) total += choice.margin > threshold ? choice.unanswered : choice.answered;
      return total;
    };
    float lowest = 2;
    double best = sum(-2);
    for (const NullChoice& choice : set) best = std::max(best, sum(choice.margin));
    for (const NullChoice& choice : set) {
      if (sum(choice.margin) == best) lowest = std::min(lowest, choice.margin);
    }
    const float chosen = BestNullThreshold(set);
    CHECK(sum(chosen) == best);
    if (sum(-2) < best) CHECK(chosen == lowest);
  }
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
