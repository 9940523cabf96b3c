// Several heads on one encoder: each task goes to its head, one pass over a text serves them all, and every answer is
// that of a file with this head alone.
#include <doctest/doctest.h>

#include <cmath>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "c_api/handles.h"
#include "pocketbert/pocketbert.hpp"
#include "tests/tasks/session_fixture.h"

namespace pbert::test {
namespace {

using schema::Task;
using schema::TensorType;

constexpr uint32_t kEverything = 0x3F;

std::unique_ptr<schema::HeadT> MakeHead(TinyFile* file, const std::string& name, Task task, schema::RowChoice rows,
                                        uint32_t outputs, std::vector<std::string> labels, TensorType type) {
  auto head = std::make_unique<schema::HeadT>();
  head->name = name;
  head->task = task;
  head->rows = rows;
  head->labels = std::move(labels);
  if (outputs > 0) {
    auto step = std::make_unique<schema::HeadStepT>();
    step->linear = file->AddLinear("head." + name, outputs, TinyFile::kHidden, type);
    head->steps.push_back(std::move(step));
  }
  return head;
}

// The tiny model with those of all heads whose tasks are in `tasks`, a bit for each; the same weights whichever.
TinyFile HeadsFile(uint32_t tasks, TensorType type = TensorType::I8) {
  using schema::RowChoice;
  TinyFile file = TinyTextFile(type);
  auto& heads = file.model.heads;
  heads.push_back(MakeHead(&file, "tagger", Task::TokenClassification, RowChoice::All, 3, {"I-Y", "B-X", "I-X"}, type));
  heads.push_back(MakeHead(&file, "span", Task::QuestionAnswering, RowChoice::All, 2, {}, type));
  heads.push_back(MakeHead(&file, "language", Task::FillMask, RowChoice::Listed, 20, {}, type));
  heads.push_back(MakeHead(&file, "features", Task::FeatureExtraction, RowChoice::All, 0, {}, type));
  heads.push_back(MakeHead(&file, "next", Task::NextSentence, RowChoice::First, 2, {}, type));
  std::erase_if(heads, [tasks](const auto& head) { return (tasks >> static_cast<uint32_t>(head->task) & 1) == 0; });
  return file;
}

class Held {
 public:
  Held(pbert_model* model, const pbert_session_options& options) : session_(NewSession(model, options)) {}
  ~Held() { pbert_session_destroy(session_); }
  Held(const Held&) = delete;
  Held& operator=(const Held&) = delete;
  operator pbert_session*() const { return session_; }
  Network* network() const { return session_->session.context()->network; }

 private:
  pbert_session* session_;
};

// Whatever a session answers to one text, in numbers.
using Numbers = std::vector<double>;

Numbers Classified(pbert_session* session, const pbert_input& input) {
  const Answer answer = Ask(session, input);
  return Numbers(answer.logits.begin(), answer.logits.end());
}

Numbers Tagged(pbert_session* session, const pbert_input& input) {
  pbert_entities result = PBERT_ENTITIES;
  REQUIRE(pbert_tag(session, &input, PBERT_AGGREGATE_NONE, &result) == PBERT_OK);
  Numbers numbers;
  for (uint32_t i = 0; i < result.count; ++i) {
    numbers.push_back(result.entities[i].label);
    numbers.push_back(result.entities[i].score);
  }
  return numbers;
}

template <pbert_pooling pooling>
Numbers Embedded(pbert_session* session, const pbert_input& input) {
  pbert_embedding result = PBERT_EMBEDDING;
  REQUIRE(pbert_embed(session, &input, pooling, 0, &result) == PBERT_OK);
  return Numbers(result.values, result.values + result.rows * result.columns);
}

Numbers Filled(pbert_session* session, const pbert_input& input) {
  pbert_fill fills[40];
  uint32_t count = 0;
  REQUIRE(pbert_fill_mask(session, &input, 20, nullptr, 0, fills, 40, &count) == PBERT_OK);
  Numbers numbers;
  for (uint32_t i = 0; i < count; ++i) numbers.insert(numbers.end(), {double(fills[i].id), fills[i].score});
  return numbers;
}

Numbers Answered(pbert_session* session, const pbert_input& input) {
  pbert_answer_options options = PBERT_ANSWER_OPTIONS;
  options.top_k = 4;
  pbert_answer_span spans[4];
  uint32_t count = 0;
  REQUIRE(pbert_answer(session, &input, &options, spans, 4, &count) == PBERT_OK);
  Numbers numbers;
  for (uint32_t i = 0; i < count; ++i) {
    numbers.insert(numbers.end(), {spans[i].score, double(spans[i].extent.begin_bytes)});
  }
  return numbers;
}

struct Asked {
  pbert_task task;
  Numbers (*ask)(pbert_session* session, const pbert_input& input);
};
constexpr Asked kAsked[] = {{PBERT_TEXT_CLASSIFICATION, Classified},
                            {PBERT_TOKEN_CLASSIFICATION, Tagged},
                            {PBERT_FEATURE_EXTRACTION, Embedded<PBERT_POOL_MODEL>},
                            {PBERT_FEATURE_EXTRACTION, Embedded<PBERT_POOL_CLS>},
                            {PBERT_FEATURE_EXTRACTION, Embedded<PBERT_POOL_TOKENS>},
                            {PBERT_FILL_MASK, Filled}};

// Passes of the encoder.
class Passes {
 public:
  explicit Passes(const Held& session) : network_(session.network()) { network_->SetStepHook({Count, this}); }
  ~Passes() { network_->SetStepHook({}); }
  Passes(const Passes&) = delete;
  Passes& operator=(const Passes&) = delete;
  int Take() { return std::exchange(count_, 0); }

 private:
  static void Count(void* self, Step step) { static_cast<Passes*>(self)->count_ += step == Step::kEmbed; }
  Network* network_;
  int count_ = 0;
};

// Products of one row and of several may add up, and XNNPACK's be scaled, in another order; ours in int8 are exact.
void CheckSame(const Numbers& actual, const Numbers& expected, bool exact) {
  REQUIRE(actual.size() == expected.size());
  for (size_t i = 0; i < actual.size(); ++i) {
    if (exact) {
      CHECK(actual[i] == expected[i]);
    } else {
      CHECK(std::fabs(actual[i] - expected[i]) < 1e-5);
    }
  }
}

TEST_CASE("heads: one pass over a text, and each answer that of a file with one head") {
  constexpr std::string_view kTexts[] = {"hello [MASK] a b", "[MASK]",
                                         "the singer [MASK] , hello world a b c [MASK] b"};
  for (const TensorType type : {TensorType::I8, TensorType::F32}) {
    OpenModel model(HeadsFile(kEverything, type));
    for (const pbert_backend backend : {PBERT_AUTO, PBERT_XNNPACK, PBERT_REFERENCE}) {
      for (const uint32_t threads : {1u, 2u}) {
        INFO("type ", static_cast<int>(type), ", backend ", static_cast<int>(backend), ", threads ", threads);
        const Held all(model, Options(0, threads, backend));
        Passes passes(all);
        for (const std::string_view text : kTexts) {
          for (size_t first = 0; first < std::size(kAsked); ++first) {
            for (size_t i = 0; i < std::size(kAsked); ++i) {
              const Asked& asked = kAsked[(first + i) % std::size(kAsked)];
              const Numbers actual = asked.ask(all, Text(text));
              CHECK(passes.Take() == (i == 0 && first == 0 ? 1 : 0));
              OpenModel one(HeadsFile(1u << asked.task, type));
              const Held alone(one, Options(0, threads, backend));
              // Whoever reads some rows alone, the first or the masks', has them from a pass over all of them here.
              const bool some_rows =
                  asked.ask == Classified || asked.ask == Embedded<PBERT_POOL_CLS> || asked.ask == Filled;
              CheckSame(actual, asked.ask(alone, Text(text)),
                        !some_rows || (type == TensorType::I8 && backend != PBERT_XNNPACK));
            }
          }
        }
        // Question answering has tokens of its own, and leaves none behind that another text could be taken for.
        const Numbers classified = Classified(all, Text("a"));
        CHECK(passes.Take() == 1);
        OpenModel one(HeadsFile(1u << PBERT_QUESTION_ANSWERING, type));
        const Held alone(one, Options(0, threads, backend));
        const pbert_input question = Pair("a b", "hello world, the singer , a b c a b c");
        CHECK(Answered(all, question) == Answered(alone, question));
        CHECK(passes.Take() > 1);
        CHECK(Classified(all, Text("a")) == classified);
        CHECK(passes.Take() == 1);
        // The same ids with other types are another text.
        const Numbers pair = Classified(all, Pair("a", "b"));
        CHECK(passes.Take() == 1);
        CHECK(Classified(all, Pair("a", "b")) == pair);
        CHECK(passes.Take() == 0);
      }
    }
  }
}

TEST_CASE("heads: a failed question leaves nothing behind") {
  OpenModel model(HeadsFile(1u << PBERT_TEXT_CLASSIFICATION | 1u << PBERT_TOKEN_CLASSIFICATION));
  const Held session(model, Options(0, 1, PBERT_AUTO));
  Passes passes(session);
  const Numbers before = Classified(session, Text("a b c"));
  pbert_entities entities = PBERT_ENTITIES;
  pbert_input wrong = Text("a b c");
  wrong.max_tokens = 1000;
  CHECK(pbert_tag(session, &wrong, PBERT_AGGREGATE_NONE, &entities) == PBERT_INVALID_ARGUMENT);
  CHECK(Classified(session, Text("a b c")) == before);
  CHECK(passes.Take() == 1);
}

TEST_CASE("heads: a session for one task is as if the file had that head alone") {
  OpenModel model(HeadsFile(kEverything));
  for (const Asked& asked : kAsked) {
    OpenModel one(HeadsFile(1u << asked.task));
    pbert_session_options options = Options(0, 1, PBERT_AUTO);
    size_t expected = 0, needed = 0;
    REQUIRE(pbert_session_memory(one, &options, &expected) == PBERT_OK);
    const Held alone(one, options);
    options.tasks = 1u << asked.task;
    REQUIRE(pbert_session_memory(model, &options, &needed) == PBERT_OK);
    CHECK(needed == expected);
    const Held session(model, options);
    Passes passes(session);
    const pbert_input input = Text("hello [MASK] a b");
    CHECK(asked.ask(session, input) == asked.ask(alone, input));
    (void)asked.ask(session, input);
    CHECK(passes.Take() == 2);
  }
}

// An entity's word is read from the tokens of the last question, which must have been the tagger's.
TEST_CASE("heads: an entity is the tagger's until another head is asked") {
  OpenModel model(HeadsFile(1u << PBERT_TEXT_CLASSIFICATION | 1u << PBERT_TOKEN_CLASSIFICATION));
  const Held session(model, Options(0, 1, PBERT_AUTO));
  const pbert_input input = Text("hello world");
  pbert_entities result = PBERT_ENTITIES;
  REQUIRE(pbert_tag(session, &input, PBERT_AGGREGATE_NONE, &result) == PBERT_OK);
  REQUIRE(result.count == 2);
  const pbert_entity entity = result.entities[1];
  char word[16];
  size_t size = 0;
  CHECK(pbert_entity_word(session, &input, PBERT_AGGREGATE_NONE, &entity, word, sizeof(word), &size) == PBERT_OK);
  CHECK(std::string(word, size) == "world");
  (void)Classified(session, Pair("a", "b"));
  CHECK(pbert_entity_word(session, &input, PBERT_AGGREGATE_NONE, &entity, word, sizeof(word), &size) ==
        PBERT_INVALID_ARGUMENT);
}

// Heads that read one row have one computed.
TEST_CASE("heads: what no head reads is not computed") {
  TinyFile file = HeadsFile(1u << PBERT_TEXT_CLASSIFICATION | 1u << PBERT_FEATURE_EXTRACTION);
  file.model.heads[1]->rows = schema::RowChoice::First;
  OpenModel model(file);
  const Held session(model, Options(0, 1, PBERT_AUTO));
  (void)Classified(session, Text("a b c"));
  CHECK(session.network()->rows() == 1);
  CHECK(Embedded<PBERT_POOL_TOKENS>(session, Text("a b c")).size() == TinyFile::kHidden);
}

TEST_CASE("heads: which task is whose") {
  OpenModel model(HeadsFile(kEverything & ~(1u << PBERT_QUESTION_ANSWERING)));
  pbert_model_info info = PBERT_MODEL_INFO;
  REQUIRE(pbert_get_model_info(model, &info) == PBERT_OK);
  CHECK(info.task == PBERT_TEXT_CLASSIFICATION);
  REQUIRE(info.head_count == 5);
  REQUIRE(pbert_get_head_info(model, 1, &info) == PBERT_OK);
  CHECK(info.task == PBERT_TOKEN_CLASSIFICATION);
  CHECK(info.label_count == 3);
  CHECK(info.head_count == 5);
  CHECK(pbert_task_head(model, PBERT_TOKEN_CLASSIFICATION) == 1);
  CHECK(pbert_task_head(model, PBERT_QUESTION_ANSWERING) == 5);
  CHECK(pbert_task_head(model, static_cast<pbert_task>(99)) == 5);
  CHECK(std::string(pbert_head_label(model, 1, 1)) == "B-X");
  CHECK(pbert_head_label(model, 0, 0) == pbert_label(model, 0));
  CHECK(pbert_head_label(model, 1, 3) == nullptr);
  CHECK(pbert_head_label(model, 5, 0) == nullptr);
  CHECK(pbert_head_label(nullptr, 0, 0) == nullptr);
  CHECK(pbert_get_head_info(model, 5, &info) == PBERT_INVALID_ARGUMENT);
  CHECK(std::string(pbert_error()) == "pbert_get_head_info: head: 5: the file has 5 (pbert_model_info.head_count)");

  const Held session(model, Options(0, 1, PBERT_AUTO));
  const pbert_input question = Pair("a", "b");
  uint32_t count = 0;
  CHECK(pbert_answer(session, &question, nullptr, nullptr, 0, &count) == PBERT_UNSUPPORTED);
  CHECK(std::string(pbert_error()) ==
        "answer: this model's tasks are TextClassification, TokenClassification, FillMask, FeatureExtraction, "
        "NextSentence (pbert_get_head_info)");
  CHECK(Ask(session, question).logits.size() == 3);  // the classifier of texts, not the one of pairs

  pbert_session_options options = Options(0, 1, PBERT_AUTO);
  options.tasks = 1u << PBERT_NEXT_SENTENCE | 1u << PBERT_FILL_MASK;
  const Held pairs(model, options);
  CHECK(Ask(pairs, question).logits.size() == 2);
  const pbert_input text = Text("a");
  pbert_entities entities = PBERT_ENTITIES;
  CHECK(pbert_tag(pairs, &text, PBERT_AGGREGATE_NONE, &entities) == PBERT_UNSUPPORTED);
  CHECK(std::string(pbert_error()) ==
        "tag: this model has a head for TokenClassification, but the session was made without it "
        "(pbert_session_options.tasks)");

  pbert_session* none = nullptr;
  options.tasks = 1u << PBERT_QUESTION_ANSWERING;
  CHECK(pbert_session_create(model, &options, &none) == PBERT_UNSUPPORTED);
  CHECK(std::string(pbert_error()).starts_with("session: tasks: QuestionAnswering: this model's tasks are "));
  options.tasks = 1u << 6;
  CHECK(pbert_session_create(model, &options, &none) == PBERT_INVALID_ARGUMENT);
  options.tasks = 0;
  options.learned = 4097;
  CHECK(pbert_session_create(model, &options, &none) == PBERT_INVALID_ARGUMENT);
  CHECK(none == nullptr);
}

TEST_CASE("heads: the C++ face names labels by the head that answered") {
  const std::vector<uint8_t> bytes = HeadsFile(kEverything).Bytes();
  const Placed placed(bytes, 4);
  const auto model = pocketbert::Model::FromMemory({reinterpret_cast<const std::byte*>(placed.data()), placed.size()});
  REQUIRE(model);
  CHECK(model->info().head_count == 6);
  CHECK(model->head(1).task == PBERT_TOKEN_CLASSIFICATION);
  CHECK(model->head(6).label_count == 0);
  CHECK(std::string(model->label(2, 1)) == "I-X");
  auto session = model->NewSession();
  REQUIRE(session);
  const auto classification = session->Classify("hello");
  REQUIRE(classification);
  CHECK(std::string(classification->label()) == model->label(classification->labels()[0].label));
  const auto entities = session->Tag("hello world the singer", PBERT_AGGREGATE_NONE);
  REQUIRE(entities);
  for (const pbert_entity& entity : entities->all()) {
    CHECK(std::string(entities->label(entity)).substr(1, 1) == "-");
  }
  pocketbert::SessionOptions options;
  options.tasks = 1u << PBERT_NEXT_SENTENCE;
  auto pairs = model->NewSession(options);
  REQUIRE(pairs);
  const auto follows = pairs->Classify({"a", "b"});
  REQUIRE(follows);
  CHECK(follows->logits().size() == 2);
  CHECK(std::string(follows->label()) == "");  // the head has no names
  CHECK_FALSE(pairs->Tag("a"));
}

// The vectors of a sentence-transformer were learnt from shorter texts than the encoder takes.
TEST_CASE("heads: each cuts where it must") {
  TinyFile file = HeadsFile(1u << PBERT_TEXT_CLASSIFICATION | 1u << PBERT_FEATURE_EXTRACTION, TensorType::F32);
  file.model.heads[1]->pooling = schema::Pooling::Mean;
  file.model.tokenizer->max_tokens = 6;
  OpenModel both(file);
  file.model.heads.erase(file.model.heads.begin());
  OpenModel one(file);
  pbert_model_info info = PBERT_MODEL_INFO;
  REQUIRE(pbert_get_model_info(both, &info) == PBERT_OK);
  CHECK(info.max_tokens == 12);
  REQUIRE(pbert_get_head_info(both, 1, &info) == PBERT_OK);
  CHECK(info.max_tokens == 6);
  const Held session(both, Options(0, 1, PBERT_AUTO));
  const Held alone(one, Options(0, 1, PBERT_AUTO));
  pbert_input text = Text("a b c a b c a b c a b c");
  CHECK(Ask(session, text).ids.size() == 12);
  CHECK(Embedded<PBERT_POOL_MODEL>(session, text) == Embedded<PBERT_POOL_MODEL>(alone, text));
  text.max_tokens = 9;
  CHECK(Embedded<PBERT_POOL_MODEL>(session, text) == Embedded<PBERT_POOL_MODEL>(alone, Text("a b c a b c")));
  text.max_tokens = 13;
  pbert_embedding result = PBERT_EMBEDDING;
  CHECK(pbert_embed(session, &text, PBERT_POOL_MODEL, 0, &result) == PBERT_INVALID_ARGUMENT);
}

}  // namespace
}  // namespace pbert::test
