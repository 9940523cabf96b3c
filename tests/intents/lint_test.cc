#include "converter/intents/lint.h"

#include <doctest/doctest.h>

#include <cmath>
#include <random>
#include <set>

#include "tests/intents/sentence_files.h"

namespace pbert::converter {
namespace {

SentenceSet SetOf(const std::vector<std::pair<std::string, std::string>>& rows) {
  SentenceSet set{.name = "x.csv", .sources = {"x.csv"}, .sentences = {}, .synonyms = {}, .notes = {}};
  for (const auto& [text, intent] : rows) {
    set.sentences.push_back(
        {.text = text, .intent = intent, .slots = {}, .line = set.sentences.size() + 2, .source = 0});
  }
  return set;
}

// Intents are points on a sphere and their sentences scatter around them; what an encoder would make of a set.
class World {
 public:
  static constexpr size_t kSize = 16;

  // A sentence whose features are near intent `of`'s, labelled `label`.
  void Add(size_t of, const std::string& label, float scatter = 0.2f) {
    rows_.emplace_back("sentence " + std::to_string(rows_.size()), label);
    std::vector<float> vector = Centre(of);
    float squares = 0;
    for (float& value : vector) value += scatter * normal_(random_);
    for (const float value : vector) squares += value * value;
    for (float& value : vector) value /= std::sqrt(squares);
    vectors_.push_back(vector);
  }
  void AddAlike(size_t other, const std::string& label) {
    rows_.emplace_back("sentence " + std::to_string(rows_.size()), label);
    vectors_.push_back(vectors_[other]);
  }
  LintReport Report(std::vector<size_t> cut = {}) const {
    const SentenceSet set = SetOf(rows_);
    const Material material = SortSentences(set, "", SingleSentences::kLeaveOut);
    SentenceFeatures features{
        .layers = {0}, .hidden_size = kSize, .sentences = material.texts.size(), .values = {}, .cut = {}};
    for (const size_t place : material.places) {
      features.values.insert(features.values.end(), vectors_[place].begin(), vectors_[place].end());
      features.cut.push_back(std::find(cut.begin(), cut.end(), place) != cut.end());
    }
    const IntentHead head = TrainIntents(ExamplesOf(material, features), {}, {});
    std::vector<uint32_t> labels = material.labels;
    labels.resize(material.texts.size(), static_cast<uint32_t>(material.intents.size()));
    LintReport report = Lint(set, "");
    LintWithEncoder(material, features, FindNeighbours(features, labels, kVotes, 1, {}), head.held_out, &report);
    return report;
  }

 private:
  static std::vector<float> Centre(size_t of) {
    std::vector<float> centre(kSize);
    centre[of] = 1;
    return centre;
  }

  std::mt19937 random_{7};
  std::normal_distribution<float> normal_;
  std::vector<std::pair<std::string, std::string>> rows_;
  std::vector<std::vector<float>> vectors_;
};

std::string Name(size_t intent) { return std::string(1, static_cast<char>('a' + intent)); }

// Four intents of twenty sentences each.
World FourIntents() {
  World world;
  for (size_t i = 0; i < 80; ++i) world.Add(i % 4, Name(i % 4));
  return world;
}

TEST_CASE("lint: texts are compared without case, punctuation and blanks") {
  CHECK(Folded("  Where's my\ttop-up?!") == "wheres my top up");
  CHECK(Folded("WHERE’S my top up") == "wheres my top up");
  CHECK(Folded("ÖL, bitte") == "öl bitte");
  CHECK((Folded("?!") == "?!" && Folded("...") != Folded("?!")));
}

TEST_CASE("lint: duplicates and sizes need no encoder") {
  std::vector<std::pair<std::string, std::string>> rows = {{"Top up!", "a"}, {"top-up", "b"}, {"x", "b"},
                                                           {"X.", "b"},      {"x?", "b"},     {"top up", "a"},
                                                           {"huh", "oos"},   {"huh", "oos"},  {"one", "c"}};
  for (size_t i = 0; i < 12; ++i) rows.emplace_back("more " + std::to_string(i), i < 8 ? "a" : "b");
  for (size_t i = 0; i < 90; ++i) rows.emplace_back("many " + std::to_string(i), i < 50 ? "d" : "e");
  const LintReport report = Lint(SetOf(rows), "");
  CHECK((report.sentences == 109 && report.intents == 5 && report.out_of_scope == 2 && !report.encoded));
  CHECK(report.duplicates.across == std::vector<std::vector<size_t>>{{0, 1, 5}});
  CHECK(report.duplicates.within == std::vector<std::vector<size_t>>{{0, 5}, {2, 3, 4}, {6, 7}});
  CHECK(report.duplicates.surplus == 4);
  CHECK(report.median == 10);
  REQUIRE(report.small.size() == 2);  // a has ten
  CHECK((report.small[0].intent == "c" && report.small[0].sentences == 1));
  CHECK((report.small[1].intent == "b" && report.small[1].sentences == 8));
  CHECK(Lint(SetOf(rows), "c").out_of_scope == 1);
}

TEST_CASE("lint: an intent far smaller than the median is small, too") {
  std::vector<std::pair<std::string, std::string>> rows;
  for (size_t i = 0; i < 213; ++i) rows.emplace_back("s " + std::to_string(i), i < 100 ? "a" : i < 200 ? "b" : "c");
  const LintReport report = Lint(SetOf(rows), "");
  REQUIRE(report.small.size() == 1);
  CHECK(report.small[0].intent == "c");
}

TEST_CASE("lint: changed labels are named first") {
  World world;
  std::set<size_t> changed;
  for (size_t i = 0; i < 120; ++i) {
    const bool change = i % 20 == 7;
    world.Add(i % 4, Name((i + (change ? 1 + i / 60 : 0)) % 4));
    if (change) changed.insert(i);
  }
  const std::vector<Suspect> found = world.Report().suspects.mislabels;
  REQUIRE(found.size() >= changed.size());
  for (size_t i = 0; i < changed.size(); ++i) {
    CHECK(changed.count(found[i].sentence) == 1);
    CHECK(found[i].predicted == found[i].sentence % 4);
    CHECK(found[i].own < found[i].other);
    CHECK((i == 0 || found[i].score <= found[i - 1].score));
  }
  CHECK(found[0].sure);
}

TEST_CASE("lint: clean sentences have no faults") {
  const LintReport report = FourIntents().Report();
  CHECK((report.encoded && report.accuracy == 1 && report.single == 0));
  CHECK((report.suspects.mislabels.empty() && report.suspects.intruders.empty() && report.confused.empty()));
  CHECK(report.near.empty());
  CHECK(report.outliers.empty());
  CHECK(report.cut.empty());
}

TEST_CASE("lint: nearly the same text with different intents") {
  World world = FourIntents();
  world.AddAlike(9, "c");  // which is of b
  world.AddAlike(8, "a");  // which is of a: no fault
  const std::vector<SentencePair> near = world.Report().near;
  REQUIRE(near.size() == 1);
  CHECK((near[0].first == 9 && near[0].second == 80 && near[0].cosine > 0.999f));
}

TEST_CASE("lint: intents that are the same are named as a pair") {
  World world;
  for (size_t i = 0; i < 100; ++i) world.Add(std::min<size_t>(i % 4, 2), Name(i % 4));  // c and d
  const LintReport report = world.Report();
  REQUIRE(report.confused.size() == 1);
  const ConfusedPair& pair = report.confused[0];
  CHECK((report.labels[pair.first] == "c" && report.labels[pair.second] == "d"));
  const size_t mistakes = pair.first_as_second.size() + pair.second_as_first.size();
  CHECK((pair.share > 0.2 && mistakes == report.suspects.mislabels.size()));
  CHECK(pair.share == doctest::Approx(static_cast<double>(mistakes) / 50));
  for (const size_t sentence : pair.first_as_second) CHECK(sentence % 4 == 2);
  for (const size_t sentence : pair.second_as_first) CHECK(sentence % 4 == 3);
}

TEST_CASE("lint: outliers, long sentences, sentences alone, out of scope that is not") {
  World world = FourIntents();
  for (size_t i = 0; i < 20; ++i) world.Add(8 + i % 4, "oos");
  world.Add(2, "oos");     // 100
  world.Add(14, "a", 0);   // 101
  world.Add(3, "lonely");  // 102
  const LintReport report = world.Report({60, 5});
  REQUIRE(report.suspects.intruders.size() == 1);
  CHECK((report.suspects.intruders[0].sentence == 100 && report.labels[report.suspects.intruders[0].predicted] == "c"));
  REQUIRE(report.outliers.size() == 1);
  CHECK(report.outliers[0].first == 101);
  CHECK(report.cut == std::vector<size_t>{5, 60});
  CHECK((report.single == 1 && report.labels.size() == 4));
}

TEST_CASE("neighbours: the nearest of all and of other labels, nobody itself") {
  SentenceFeatures features{.layers = {0, 3}, .hidden_size = 2, .sentences = 4, .values = {}, .cut = {}};
  for (const float angle : {0.0f, 0.1f, 0.3f, 1.0f}) {
    for (const float value : {1.0f, 0.0f, std::cos(angle), std::sin(angle)}) features.values.push_back(value);
  }
  const Neighbours found = FindNeighbours(features, std::vector<uint32_t>{0, 0, 1, 1}, 2, 2, {});
  const std::vector<uint32_t> nearest = {1, 2, 0, 2, 1, 0, 2, 1}, strange = {2, 2, 1, 1};
  REQUIRE((found.count == 2 && found.nearest.size() == 8));
  for (size_t i = 0; i < 8; ++i) CHECK(found.nearest[i].sentence == nearest[i]);
  for (size_t i = 0; i < 4; ++i) CHECK(found.strange[i].sentence == strange[i]);
  CHECK(found.of(0)[0].cosine == doctest::Approx(std::cos(0.1)));
  CHECK(FindNeighbours(features, std::vector<uint32_t>{0, 0}, 10, 1, {}).count == 1);
  CHECK(FindNeighbours(features, std::vector<uint32_t>{0, 0}, 10, 1, {}).strange[0].cosine < -1);
}

}  // namespace
}  // namespace pbert::converter
