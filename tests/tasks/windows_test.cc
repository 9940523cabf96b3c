// Long texts in windows: what classification and embedding make of them, and where the windows lie.
#include <doctest/doctest.h>

#include <cmath>

#include "tests/tasks/task_fixture.h"

namespace pbert::test {
namespace {

std::vector<std::string> Words(size_t count) {
  constexpr const char* kWords[] = {"hello", "sing", "world", "a", "b", "."};
  std::vector<std::string> words;
  for (size_t i = 0; i < count; ++i) words.emplace_back(kWords[i * i % 7 % 6]);
  return words;
}

std::string Joined(const std::vector<std::string>& words, size_t begin, size_t end) {
  std::string text;
  for (size_t i = begin; i < end; ++i) text += (i == begin ? "" : " ") + words[i];
  return text;
}

std::vector<float> Logits(pbert_session* session, const pbert_input& input) {
  pbert_classification result = PBERT_CLASSIFICATION;
  REQUIRE(pbert_classify(session, &input, &result) == PBERT_OK);
  CHECK(result.truncated == 0);
  return {result.logits, result.logits + result.count};
}

std::vector<float> Vector(pbert_session* session, const pbert_input& input, pbert_pooling pooling, int normalize) {
  pbert_embedding result = PBERT_EMBEDDING;
  REQUIRE(pbert_embed(session, &input, pooling, normalize, &result) == PBERT_OK);
  REQUIRE(result.rows == 1);
  return {result.values, result.values + result.columns};
}

// The mean over the windows of `room` words that share `stride`, each asked for itself and weighted by its words.
template <typename Ask>
std::vector<float> Mean(const std::vector<std::string>& words, size_t room, size_t stride, const Ask& ask) {
  std::vector<float> mean;
  size_t total = 0;
  for (size_t first = 0;; first += room - stride) {
    const size_t end = std::min(first + room, words.size());
    const std::vector<float> one = ask(Joined(words, first, end));
    mean.resize(one.size());
    for (size_t i = 0; i < one.size(); ++i) mean[i] += one[i] * static_cast<float>(end - first);
    total += end - first;
    if (end == words.size()) break;
  }
  for (float& value : mean) value /= static_cast<float>(total);
  return mean;
}

void CheckClose(const std::vector<float>& a, const std::vector<float>& b) {
  REQUIRE(a.size() == b.size());
  for (size_t i = 0; i < a.size(); ++i) CHECK(a[i] == doctest::Approx(b[i]).epsilon(1e-4));
}

TEST_CASE("classify: the mean of the windows' logits, weighted by their tokens") {
  const TaskSession session(TinyTextFile(schema::TensorType::F32));
  const std::vector<std::string> words = Words(23);
  const std::string text = Joined(words, 0, words.size());
  for (const uint32_t stride : {0u, 1u, 4u}) {
    INFO("stride ", stride);
    pbert_input input = Text(text);
    input.max_tokens = 7;  // five words between [CLS] and [SEP]
    input.stride = stride == 0 ? PBERT_NO_STRIDE : stride;
    const auto ask = [&](const std::string& part) { return Logits(session, Text(part)); };
    CheckClose(Logits(session, input), Mean(words, 5, stride, ask));
  }
  // A text that fits is one window, which changes nothing at all.
  pbert_input input = Text("hello sing");
  const std::vector<float> whole = Logits(session, input);
  input.stride = 3;
  CHECK(Logits(session, input) == whole);
  input = Text("");
  const std::vector<float> empty = Logits(session, input);
  input.stride = 3;
  CHECK(Logits(session, input) == empty);
}

TEST_CASE("embed: the mean of the windows' vectors, then the length") {
  TinyFile file = TinyTextFile(schema::TensorType::F32);
  SetHead(&file, schema::Task::FeatureExtraction, schema::RowChoice::All, 0);
  const TaskSession session(file);
  const std::vector<std::string> words = Words(12);
  const std::string text = Joined(words, 0, words.size());
  for (const pbert_pooling pooling : {PBERT_POOL_MEAN, PBERT_POOL_CLS, PBERT_POOL_MAX}) {
    pbert_input input = Text(text);
    input.max_tokens = 6;
    input.stride = 2;
    std::vector<float> expected =
        Mean(words, 4, 2, [&](const std::string& part) { return Vector(session, Text(part), pooling, 0); });
    CheckClose(Vector(session, input, pooling, 0), expected);
    double squares = 0;
    for (const float value : expected) squares += double{value} * value;
    for (float& value : expected) value /= static_cast<float>(std::sqrt(squares));
    CheckClose(Vector(session, input, pooling, 1), expected);
  }
  pbert_input input = Text(text);
  input.stride = 2;
  pbert_embedding result = PBERT_EMBEDDING;
  CHECK(pbert_embed(session, &input, PBERT_POOL_TOKENS, 0, &result) == PBERT_INVALID_ARGUMENT);
}

// Expected: tokenizers 0.22, encoding.overflowing with a stride: windows laid from the side that is kept.
TEST_CASE("windows begin where the text is kept") {
  for (const bool left : {false, true}) {
    INFO("left ", left);
    TinyFile file = PatternFile({{kHello, 2}, {kSing, 3}, {kWorld, 4}, {kA, 5}, {kB, 6}});
    file.model.tokenizer->truncate_left = left;
    SetHead(&file, schema::Task::TokenClassification, schema::RowChoice::All, 2, {"X", "O"});
    SetLogits(&file, {{2, 0, 2}, {3, 0, 2}, {4, 0, 2}, {5, 0, 2}, {6, 0, 2}});
    const TaskSession session(file);
    // hello sing world a b in windows of two that share none: an entity is a window. The one that is left over is the
    // last one, or the first.
    pbert_input input = Text("hello sing world a b");
    input.max_tokens = 4;
    input.stride = PBERT_NO_STRIDE;
    pbert_tag_options options = PBERT_TAG_OPTIONS;
    options.aggregation = PBERT_AGGREGATE_SIMPLE;
    std::vector<uint32_t> begins;
    const auto keep = [](void* context, const pbert_entity* entity) {
      static_cast<std::vector<uint32_t>*>(context)->push_back(entity->extent.begin_bytes);
      return 0;
    };
    REQUIRE(pbert_tag_windows(session, &input, &options, keep, &begins) == PBERT_OK);
    CHECK(begins == (left ? std::vector<uint32_t>{0, 6, 17} : std::vector<uint32_t>{0, 11, 19}));
  }
}

TEST_CASE("windows are over one text, and only where the task has them") {
  const TaskSession session(TinyTextFile(schema::TensorType::F32));
  pbert_classification result = PBERT_CLASSIFICATION;
  pbert_input input = Pair("a", "b");
  input.stride = 1;
  CHECK(pbert_classify(session, &input, &result) == PBERT_INVALID_ARGUMENT);
  input = Text("a b a b a b a b a b");
  input.stride = 2;
  input.max_tokens = 4;
  CHECK(pbert_classify(session, &input, &result) == PBERT_INVALID_ARGUMENT);  // two tokens a window, and two shared
  CHECK(std::string_view(pbert_error()).find("no more than the stride of 2") != std::string_view::npos);
}

TEST_CASE("rerank: candidates by what the model says of each pair") {
  TinyFile file = TinyTextFile(schema::TensorType::F32);
  SetHead(&file, schema::Task::TextClassification, schema::RowChoice::First, 1, {"relevance"});
  const TaskSession session(file);
  const std::vector<std::string> texts = {"hello world", "a", "sing sing", "b ."};
  std::vector<std::pair<float, uint32_t>> expected;
  for (uint32_t i = 0; i < texts.size(); ++i) {
    const pbert_input pair = Pair("world", texts[i]);
    pbert_classification one = PBERT_CLASSIFICATION;
    REQUIRE(pbert_classify(session, &pair, &one) == PBERT_OK);
    expected.emplace_back(-one.labels[0].score, i);
  }
  std::sort(expected.begin(), expected.end());
  std::vector<pbert_text> candidates;
  for (const std::string& text : texts) candidates.push_back({text.data(), text.size()});
  std::vector<pbert_label_score> scores(texts.size());
  const pbert_input query = Text("world");
  uint32_t truncated = 2;
  REQUIRE(pbert_rerank(session, &query, candidates.data(), 4, scores.data(), &truncated) == PBERT_OK);
  CHECK(truncated == 0);
  for (size_t i = 0; i < scores.size(); ++i) {
    CHECK(scores[i].label == expected[i].second);
    CHECK(scores[i].score == doctest::Approx(-expected[i].first));
  }
  const TaskSession three_labels(TinyTextFile(schema::TensorType::F32));
  CHECK(pbert_rerank(three_labels, &query, candidates.data(), 4, scores.data(), nullptr) == PBERT_UNSUPPORTED);
}

}  // namespace
}  // namespace pbert::test
