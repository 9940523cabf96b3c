// A damaged or forged file that opens is asked questions: whatever its numbers are, the answers are in bounds and an
// error has a message. (tests/model/corruption_test.cc opens them only.) What would break it: an index, a count or a
// NaN of the file's that a task trusts.
#include <doctest/doctest.h>

#include <cstring>

#include "model/header.h"
#include "tests/tasks/feature_fixture.h"

namespace pbert::test {
namespace {

struct Kind {
  const char* name;
  schema::Task task;
  schema::RowChoice rows;
  uint32_t outputs;
  std::vector<std::string> labels;
};

std::vector<Kind> Kinds() {
  return {{"tag", schema::Task::TokenClassification, schema::RowChoice::All, 3, {"O", "B-X", "I-X"}},
          {"answer", schema::Task::QuestionAnswering, schema::RowChoice::All, 2, {}},
          {"embed", schema::Task::FeatureExtraction, schema::RowChoice::All, 0, {}},
          {"fill mask", schema::Task::FillMask, schema::RowChoice::Listed, 20, {}}};
}

constexpr std::string_view kText = "hello singing [MASK] b", kContext = "the world. caber";

// An error is an answer, too, and says something.
bool IsAnswer(pbert_status status) {
  if (status != PBERT_OK) CHECK(pbert_error()[0] != '\0');
  return status == PBERT_OK;
}

void CheckTag(pbert_session* session) {
  const pbert_input input = Text(kText);
  for (const pbert_aggregation aggregation : {PBERT_AGGREGATE_NONE, PBERT_AGGREGATE_SIMPLE, PBERT_AGGREGATE_MAX}) {
    pbert_entities result = PBERT_ENTITIES;
    if (!IsAnswer(pbert_tag(session, &input, aggregation, &result))) return;
    for (size_t i = 0; i < result.count; ++i) CHECK(result.entities[i].extent.end_bytes <= kText.size());
  }
}

void CheckAnswer(pbert_session* session) {
  const pbert_input input = Pair(kText, kContext);
  pbert_answer_options options = PBERT_ANSWER_OPTIONS;
  options.top_k = 3;
  pbert_answer_span spans[3];
  uint32_t count = 0;
  if (!IsAnswer(pbert_answer(session, &input, &options, spans, 3, &count))) return;
  CHECK(count <= 3);
  for (uint32_t i = 0; i < count; ++i) CHECK(spans[i].extent.end_bytes <= kContext.size());
}

void CheckFill(pbert_session* session, uint32_t pieces) {
  const pbert_input input = Text(kText);
  pbert_fill fills[3];
  uint32_t count = 0;
  if (!IsAnswer(pbert_fill_mask(session, &input, 3, nullptr, 0, fills, 3, &count))) return;
  CHECK(count <= 3);
  for (uint32_t i = 0; i < count; ++i) CHECK(static_cast<uint32_t>(fills[i].id) < pieces);
}

void CheckEmbed(pbert_session* session) {
  const pbert_input input = Text(kText);
  for (const pbert_pooling pooling : {PBERT_POOL_TOKENS, PBERT_POOL_MEAN, PBERT_POOL_MODEL}) {
    pbert_embedding result = PBERT_EMBEDDING;
    (void)IsAnswer(pbert_embed(session, &input, pooling, pooling != PBERT_POOL_TOKENS, &result));
  }
}

void CheckZeroShot(pbert_session* session) {
  const pbert_input input = Text(kText);
  const pbert_text hypotheses[] = {{"a", 1}, {"b", 1}};
  pbert_label_score scores[2];
  if (!IsAnswer(pbert_zero_shot(session, &input, hypotheses, 2, 0, scores, nullptr))) return;
  CHECK(scores[0].label + scores[1].label == 1);
}

void CheckClassify(pbert_session* session, uint32_t labels) {
  const pbert_input input = Pair(kText, kContext);
  pbert_classification result = PBERT_CLASSIFICATION;
  if (!IsAnswer(pbert_classify(session, &input, &result))) return;
  CHECK(result.count <= labels);
  for (uint32_t i = 0; i < result.count; ++i) CHECK(result.labels[i].label < labels);
  const pbert_text sentence = {kText.data(), kText.size()};
  if (!IsAnswer(pbert_learn(session, "learned", 7, &sentence, 1, nullptr))) return;
  if (IsAnswer(pbert_classify(session, &input, &result))) CHECK(result.count <= labels + 1);
}

// Whether there was a session to ask.
bool AskAnything(const Placed& placed) {
  pbert_model* model = nullptr;
  if (!IsAnswer(pbert_open_memory(placed.data(), placed.size(), nullptr, &model))) return false;
  pbert_session* session = nullptr;
  const pbert_session_options options = Options(0, 1, PBERT_AUTO);
  const bool made = IsAnswer(pbert_session_create(model, &options, &session));
  if (made) {
    pbert_model_info info = PBERT_MODEL_INFO;
    REQUIRE(pbert_get_model_info(model, &info) == PBERT_OK);
    switch (info.task) {
      case PBERT_TOKEN_CLASSIFICATION:
        CheckTag(session);
        break;
      case PBERT_QUESTION_ANSWERING:
        CheckAnswer(session);
        break;
      case PBERT_FILL_MASK:
        CheckFill(session, info.vocabulary_size);
        break;
      case PBERT_FEATURE_EXTRACTION:
        CheckEmbed(session);
        break;
      default:
        CheckClassify(session, info.label_count);
        CheckZeroShot(session);
    }
  }
  pbert_session_destroy(session);
  pbert_close(model);
  return made;
}

std::vector<uint8_t> FileOf(const Kind* kind) {
  TinyFile file = TinyTextFile();
  if (kind != nullptr) SetHead(&file, kind->task, kind->rows, kind->outputs, kind->labels, schema::TensorType::I8);
  return file.Bytes();
}

void CheckFlips(const std::vector<uint8_t>& bytes) {
  FileHeader header;
  memcpy(&header, bytes.data(), sizeof(header));
  const Placed placed(bytes, 20);
  REQUIRE(AskAnything(placed));
  size_t asked = 0;
  for (size_t i = kHeaderSize; i < bytes.size(); ++i) {
    for (const uint8_t pattern : {0x40, 0xFF}) {  // a float's exponent, and everything
      placed.data()[i] ^= pattern;
      if (i < header.data_offset) converter::SealMetadata(placed.data(), header.data_offset);
      asked += AskAnything(placed);
      placed.data()[i] ^= pattern;
      if (i < header.data_offset) converter::SealMetadata(placed.data(), header.data_offset);
    }
  }
  CHECK(asked > 1000);  // weights and pieces are not looked at
}

TEST_CASE("corruption: every flipped byte, classify") { CheckFlips(FileOf(nullptr)); }

TEST_CASE("corruption: every flipped byte, a classifier of features that learns") {
  for (const schema::TensorType type : {schema::TensorType::F32, schema::TensorType::I8}) {
    TinyFile file = TinyTextFile();
    SetFeatureHead(&file, type).model.heads[0]->rejection->logits_of_distance = 0.5f;
    CheckFlips(file.Bytes());
  }
}

TEST_CASE("corruption: every flipped byte, the other tasks") {
  for (const Kind& kind : Kinds()) {
    INFO(kind.name);
    CheckFlips(FileOf(&kind));
  }
}

}  // namespace
}  // namespace pbert::test
