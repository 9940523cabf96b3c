// Question answering through the C interface: spans, the windows of a long context, and "no answer".
#include <doctest/doctest.h>

#include <cmath>
#include <vector>

#include "tests/tasks/task_fixture.h"

namespace pbert::test {
namespace {

// An answer begins with "hello" and ends with "world", each by a logit of 6: e^6 / (e^6 + the number of other tokens)
// of a window's context and first token. "No answer" has `none_logit` for both.
TinyFile ReaderFile(bool unanswerable = false, float none_logit = 6) {
  TinyFile file = PatternFile({{kHello, 2}, {kWorld, 3}, {kClsPiece, unanswerable ? 4 : 1}});
  SetHead(&file, schema::Task::QuestionAnswering, schema::RowChoice::All, 2);
  SetLogits(&file, {{2, 0, 6}, {3, 1, 6}, {4, 0, none_logit}, {4, 1, none_logit}});
  return file;
}

TinyFile ThresholdFile(float none_logit, float null_threshold) {
  TinyFile file = ReaderFile(true, none_logit);
  file.model.heads[0]->null_threshold = null_threshold;
  return file;
}

pbert_answer_options AnswerOptions(uint32_t stride) {
  pbert_answer_options options = PBERT_ANSWER_OPTIONS;
  options.doc_stride = stride;
  return options;
}

// The one answer that is asked for.
pbert_answer_span BestAnswer(pbert_session* session, const pbert_input& input, const pbert_answer_options& options) {
  pbert_answer_span span = {};
  uint32_t count = 0;
  REQUIRE(pbert_answer(session, &input, &options, &span, 1, &count) == PBERT_OK);
  REQUIRE(count == 1);
  return span;
}

// Ten words, an emoji, then "Hello b world": of the windows of 8 words (12 tokens) the second has it whole.
const std::string kLongContext = "a a a a a a a a a a \xF0\x9F\x98\x80 Hello b world .";

TEST_CASE("answer: found beyond the first window, in bytes, code points and UTF-16 units") {
  for (const uint32_t threads : {1u, 2u}) {
    const TaskSession session(ReaderFile(), threads);
    const pbert_input input = Pair("the", kLongContext);
    const pbert_answer_span span = BestAnswer(session, input, AnswerOptions(2));
    CHECK(span.score == doctest::Approx(0.961489).epsilon(1e-4));  // (e^6 / (e^6 + 8))^2
    CheckExtent(span.extent, {25, 38, 22, 35, 23, 36});
  }
}

TEST_CASE("answer: one that two windows find is one, with the sum of its scores") {
  const TaskSession session(ReaderFile());
  // Windows of words 0 to 7 and, sharing 4, of 4 to 8.
  const pbert_input input = Pair("the", "a a a a a hello world . .");
  const pbert_answer_span span = BestAnswer(session, input, AnswerOptions(4));
  CHECK(span.score == doctest::Approx(1.937155).epsilon(1e-4));  // (e^6 / (e^6 + 8))^2 + (e^6 / (e^6 + 5))^2
  CHECK(span.extent.begin_bytes == 10);
  CHECK(span.extent.end_bytes == 21);
}

TEST_CASE("answer: no longer than max_answer_tokens") {
  const TaskSession session(ReaderFile());
  const pbert_input input = Pair("the", kLongContext);
  pbert_answer_options options = AnswerOptions(2);
  options.max_answer_tokens = 1;
  const pbert_answer_span span = BestAnswer(session, input, options);
  // "world" alone: 1 / (e^6 + 8) * e^6 / (e^6 + 8) in the second window, 1 / 4 * e^6 / (e^6 + 3) in the third.
  CHECK(span.score == doctest::Approx(0.250538).epsilon(1e-4));
  CheckExtent(span.extent, {33, 38, 30, 35, 31, 36});
}

TEST_CASE("answer: whole words only, though a piece in the middle begins it") {
  TinyFile file = PatternFile({{kEndingIng, 2}, {kWorld, 3}});
  SetHead(&file, schema::Task::QuestionAnswering, schema::RowChoice::All, 2);
  SetLogits(&file, {{2, 0, 6}, {3, 1, 6}});
  const TaskSession session(file);
  const pbert_input input = Pair("the", "b singing world b");
  pbert_answer_span span = {};
  uint32_t count = 0;
  REQUIRE(pbert_answer(session, &input, nullptr, &span, 1, &count) == PBERT_OK);
  CHECK(span.extent.begin_bytes == 2);
  CHECK(span.extent.end_bytes == 15);
}

TEST_CASE("answer: \"no answer\" competes only where it is allowed") {
  const TaskSession session(ReaderFile(true));
  const pbert_input input = Pair("the", "b a .");
  pbert_answer_options options = PBERT_ANSWER_OPTIONS;
  CHECK(BestAnswer(session, input, options).extent.end_bytes > 0);
  options.allow_none = 1;
  const pbert_answer_span span = BestAnswer(session, input, options);
  CHECK(span.score == doctest::Approx(0.985292).epsilon(1e-4));  // (e^6 / (e^6 + 3))^2
  CheckExtent(span.extent, {0, 0, 0, 0, 0, 0});
}

// All answers from the context "hello world", the places at which they end and their scores. With a logit of 2 for
// "no answer" the sum of exponentials is e^6 + e^2 + 1, and the scores are (e^6 / sum)^2 for "hello world",
// e^6 / sum^2 for "hello" and "world" alone, (e^2 / sum)^2 for "no answer", and 0 for the reference's empty one.
std::vector<pbert_answer_span> AllAnswers(const TinyFile& file, uint32_t allow_none = 1) {
  const TaskSession session(file);
  const pbert_input input = Pair("the", "hello world");
  pbert_answer_options options = PBERT_ANSWER_OPTIONS;
  options.top_k = 64;
  options.allow_none = allow_none;
  std::vector<pbert_answer_span> spans(64);
  uint32_t count = 0;
  REQUIRE(pbert_answer(session, &input, &options, spans.data(), 64, &count) == PBERT_OK);
  spans.resize(count);
  options.top_k = 1;  // says the same of the first
  const pbert_answer_span best = BestAnswer(session, input, options);
  CHECK(best.score == spans[0].score);
  CHECK(best.extent.end_bytes == spans[0].extent.end_bytes);
  return spans;
}

void CheckScores(const std::vector<pbert_answer_span>& spans, std::initializer_list<double> scores) {
  REQUIRE(spans.size() == scores.size());
  for (size_t i = 0; i < spans.size(); ++i) {
    CAPTURE(i);
    CHECK(spans[i].score == doctest::Approx(scores.begin()[i]).epsilon(1e-4));
  }
}

TEST_CASE("answer: a file's null threshold says whether \"no answer\" comes first, and its score where else") {
  constexpr double kBest = 0.959673, kPart = 0.00237879, kNone = 0.000321935;  // kNone - kBest = -0.959351
  CheckScores(AllAnswers(ThresholdFile(2, 0)), {kBest, kPart, kPart, kNone, 0});
  CheckScores(AllAnswers(ThresholdFile(2, -0.97f)), {kNone, kBest, kPart, kPart, 0});
  CheckScores(AllAnswers(ThresholdFile(2, -0.95f)), {kBest, kPart, kPart, kNone, 0});
  CheckScores(AllAnswers(ThresholdFile(2, 0.5f)), {kBest, kPart, kPart, kNone, 0});
  // Where it is not allowed, a threshold changes nothing.
  CheckScores(AllAnswers(ThresholdFile(2, -0.97f), 0), {kBest, kPart, kPart, 0});
}

TEST_CASE("answer: \"no answer\" is behind the best one though its score is the highest") {
  // sum = e^8 + e^6 + 1: "no answer" has (e^8 / sum)^2, "hello world" (e^6 / sum)^2, a part e^6 / sum^2.
  constexpr double kNone = 0.775345, kBest = 0.0142009, kPart = 3.52006e-05;  // kNone - kBest = 0.761144
  CheckScores(AllAnswers(ThresholdFile(8, 0)), {kNone, kBest, kPart, kPart, 0});
  CheckScores(AllAnswers(ThresholdFile(8, 0.77f)), {kBest, kNone, kPart, kPart, 0});
  CheckScores(AllAnswers(ThresholdFile(8, 0.75f)), {kNone, kBest, kPart, kPart, 0});
}

TEST_CASE("answer: no answer where the margin is above the threshold, not where it equals it") {
  const std::vector<pbert_answer_span> spans = AllAnswers(ThresholdFile(2, 0));
  const float margin = spans[3].score - spans[0].score;
  CHECK(AllAnswers(ThresholdFile(2, margin))[0].extent.end_bytes == 11);
  CHECK(AllAnswers(ThresholdFile(2, std::nextafter(margin, -2.0f)))[0].extent.end_bytes == 0);
}

// Its only other answer is the empty one, of score 0; "no answer" is certain.
TEST_CASE("answer: a context without tokens, and a null threshold") {
  pbert_answer_options options = PBERT_ANSWER_OPTIONS;
  options.allow_none = 1;
  for (const float threshold : {0.0f, -1.0f, 0.5f, 1.5f}) {
    CAPTURE(threshold);
    const TaskSession session(ThresholdFile(6, threshold));
    const pbert_answer_span span = BestAnswer(session, Pair("the", "  "), options);
    CHECK(span.score == (threshold > 1 ? 0.0f : 1.0f));
    CheckExtent(span.extent, {0, 0, 0, 0, 0, 0});
  }
}

TEST_CASE("answer: top_k, best first, whatever fits") {
  const TaskSession session(ReaderFile());
  const pbert_input input = Pair("the", "hello world");
  pbert_answer_options options = PBERT_ANSWER_OPTIONS;
  options.top_k = 64;
  pbert_answer_span spans[4] = {};
  uint32_t count = 0;
  REQUIRE(pbert_answer(session, &input, &options, spans, 1, &count) == PBERT_OK);
  CHECK(count == 4);  // "hello world", "hello", "world", and as the reference has it "", of score 0
  CHECK(spans[0].extent.end_bytes == 11);
  CHECK(spans[1].score == 0.0f);  // beyond the capacity
  REQUIRE(pbert_answer(session, &input, &options, spans, 4, &count) == PBERT_OK);
  CHECK(spans[0].score > spans[1].score);
  CHECK(spans[1].score >= spans[2].score);
  options.top_k = 2;
  REQUIRE(pbert_answer(session, &input, &options, nullptr, 0, &count) == PBERT_OK);
  CHECK(count == 2);
}

// On a machine of 32 bits their sums with the places of tokens would wrap around.
TEST_CASE("answer: options near 2^32") {
  const TaskSession session(ReaderFile());
  pbert_answer_options options = PBERT_ANSWER_OPTIONS;
  options.max_answer_tokens = 0xFFFFFFFFu;
  const pbert_input input = Pair("the", "b hello world b");
  CHECK(BestAnswer(session, input, options).extent.end_bytes == 13);
  options.doc_stride = 0xFFFFFFFEu;  // not read where the context fits
  CHECK(BestAnswer(session, input, options).extent.end_bytes == 13);
  const pbert_input long_one = Pair("the", kLongContext);
  pbert_answer_span span = {};
  uint32_t count = 0;
  CHECK(pbert_answer(session, &long_one, &options, &span, 1, &count) == PBERT_INVALID_ARGUMENT);
  options.doc_stride = PBERT_NO_STRIDE;
  CHECK(pbert_answer(session, &long_one, &options, &span, 1, &count) == PBERT_OK);
}

TEST_CASE("answer: a context without tokens has the empty answer") {
  const TaskSession session(ReaderFile());
  const pbert_answer_options options = PBERT_ANSWER_OPTIONS;
  const pbert_answer_span span = BestAnswer(session, Pair("the", "  "), options);
  CHECK(span.score == 0.0f);
  CheckExtent(span.extent, {0, 0, 0, 0, 0, 0});
}

// What would break it: a session that is made and then refuses every question.
TEST_CASE("a session that holds no pair is refused when it is made") {
  TinyFile file = TinyTextFile();
  SetHead(&file, schema::Task::QuestionAnswering, schema::RowChoice::All, 2);
  const OpenModel model(file);
  pbert_session_options options = PBERT_SESSION_OPTIONS;
  pbert_session* session = nullptr;
  options.max_tokens = 4;  // [CLS] [SEP] [SEP] and one more
  CHECK(pbert_session_create(model, &options, &session) == PBERT_INVALID_ARGUMENT);
  CHECK(std::string(pbert_error()).find("at least 5") != std::string::npos);
  options.max_tokens = 5;
  REQUIRE(pbert_session_create(model, &options, &session) == PBERT_OK);
  pbert_session_destroy(session);
}

}  // namespace
}  // namespace pbert::test
