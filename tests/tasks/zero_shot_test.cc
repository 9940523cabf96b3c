// Which label entails, how scores are made of logits, and in which order they come. Expected values are worked out by
// hand; the reference's own are in tests/golden/conformance.json and tests/golden/field.
#include "tasks/zero_shot.h"

#include <doctest/doctest.h>

#include <cmath>
#include <vector>

#include "schema/model_generated.h"

namespace pbert {
namespace {

Status Find(const std::vector<std::string>& names, int32_t stated, size_t count, EntailmentLabels* labels) {
  flatbuffers::FlatBufferBuilder builder;
  schema::HeadT head;
  head.labels = names;
  head.entailment = stated;
  builder.Finish(schema::Head::Pack(builder, &head));
  return EntailmentLabels::Find(*flatbuffers::GetRoot<schema::Head>(builder.GetBufferPointer()), count, labels);
}

TEST_CASE("the label that entails is the stated one, or the first of such a name, or the last") {
  EntailmentLabels labels;
  REQUIRE(Find({"CONTRADICTION", "NEUTRAL", "Entailment"}, -2, 3, &labels).ok());
  CHECK(labels.entailment == 2);
  CHECK(labels.contradiction == 0);
  CHECK(labels.stated);
  REQUIRE(Find({"entails", "neutral", "contradiction"}, -2, 3, &labels).ok());
  CHECK(labels.entailment == 0);
  CHECK(labels.contradiction == 2);
  REQUIRE(Find({"a", "entailment", "c"}, 0, 3, &labels).ok());
  CHECK(labels.entailment == 0);
  REQUIRE(Find({"a", "entai", "b"}, -2, 3, &labels).ok());
  CHECK(labels.entailment == 2);
  CHECK_FALSE(labels.stated);
  const Status wrong = Find({"a", "b"}, 2, 2, &labels);
  CHECK(wrong.code() == Code::kUnsupported);
}

TEST_CASE("competing hypotheses share 1, independent ones have their own, and ties stay in order") {
  const EntailmentLabels labels{.entailment = 1, .contradiction = 0};
  const std::vector<std::vector<float>> logits = {{0, 1}, {5, 2}, {9, 1}, {1, 2}};
  std::vector<pbert_label_score> scores;
  for (uint32_t i = 0; i < 4; ++i) scores.push_back({i, HypothesisScore(logits[i], labels, false)});
  FinishHypotheses(scores, false);
  const double sum = 2 * std::exp(1.0) + 2 * std::exp(2.0);
  const uint32_t order[] = {1, 3, 0, 2};
  for (size_t i = 0; i < 4; ++i) {
    CHECK(scores[i].label == order[i]);
    CHECK(scores[i].score == doctest::Approx(std::exp(i < 2 ? 2.0 : 1.0) / sum).epsilon(1e-6));
  }
  scores.clear();
  for (uint32_t i = 0; i < 4; ++i) scores.push_back({i, HypothesisScore(logits[i], labels, true)});
  FinishHypotheses(scores, true);
  const double expected[] = {1 / (1 + std::exp(-1.0)), 1 / (1 + std::exp(-1.0)), 1 / (1 + std::exp(3.0)),
                             1 / (1 + std::exp(8.0))};
  const uint32_t independent[] = {0, 3, 1, 2};
  for (size_t i = 0; i < 4; ++i) {
    CHECK(scores[i].label == independent[i]);
    CHECK(scores[i].score == doctest::Approx(expected[i]).epsilon(1e-6));
  }
}

}  // namespace
}  // namespace pbert
