// Each allocation in turn fails, and then all from it on: in opening a file, preparing, making a session, asking, for
// every task and backend, and in the first use of XNNPACK and cpuinfo. The call says PBERT_NO_MEMORY, nothing crashes,
// and the same work succeeds when there is memory again.
#include <doctest/doctest.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <string>

#include "tests/support/in_child.h"
#include "tests/support/replaced_malloc.h"
#include "tests/support/skip.h"
#include "tests/tasks/session_fixture.h"
#include "tests/tasks/task_fixture.h"

namespace pbert::test {
namespace {

#if defined(PBERT_REPLACES_MALLOC)

// What a child says of its work.
enum Outcome : int { kDone, kNoMemory, kOtherError, kNoMessage, kFailsAgain };

struct Work {
  std::string path = {};  // of the file, else in memory
  const Placed* bytes = nullptr;
  pbert_backend backend = PBERT_AUTO;
};

int IgnoreToken(void*, const pbert_token*) { return 0; }

pbert_status Ask(pbert_session* session, uint32_t task) {
  const pbert_input text = Text("hello singing [MASK]"), pair = Pair("hello", "a b singing world");
  switch (task) {
    case PBERT_TOKEN_CLASSIFICATION: {
      pbert_entities result = PBERT_ENTITIES;
      return pbert_tag(session, &text, PBERT_AGGREGATE_SIMPLE, &result);
    }
    case PBERT_QUESTION_ANSWERING: {
      pbert_answer_span span;
      uint32_t count = 0;
      return pbert_answer(session, &pair, nullptr, &span, 1, &count);
    }
    case PBERT_FILL_MASK: {
      pbert_fill fill;
      uint32_t count = 0;
      return pbert_fill_mask(session, &text, 1, nullptr, 0, &fill, 1, &count);
    }
    case PBERT_FEATURE_EXTRACTION: {
      pbert_embedding result = PBERT_EMBEDDING;
      const pbert_status status = pbert_embed(session, &text, PBERT_POOL_MEAN, 1, &result);
      if (status != PBERT_OK) return status;
      const pbert_input texts[] = {text, pair};
      const auto visit = [](void*, uint32_t, const pbert_embedding*) { return 0; };
      return pbert_embed_batch(session, texts, 2, PBERT_POOL_MEAN, 1, visit, nullptr);
    }
    default: {
      pbert_classification result = PBERT_CLASSIFICATION;
      pbert_status status = pbert_classify(session, &text, &result);
      if (status != PBERT_OK || task != PBERT_TEXT_CLASSIFICATION) return status;
      const pbert_input texts[] = {text, pair};
      const auto visit = [](void*, uint32_t, const pbert_classification*) { return 0; };
      status = pbert_classify_batch(session, texts, 2, visit, nullptr);
      if (status != PBERT_OK) return status;
      const pbert_text hypothesis = {"world", 5};
      pbert_label_score score;
      return pbert_zero_shot(session, &text, &hypothesis, 1, 0, &score, nullptr);
    }
  }
}

// Everything from the file to an answer. The first error ends it.
pbert_status Do(const Work& work) {
  pbert_model* model = nullptr;
  pbert_status status = work.bytes != nullptr
                            ? pbert_open_memory(work.bytes->data(), work.bytes->size(), nullptr, &model)
                            : pbert_open(work.path.c_str(), nullptr, &model);
  pbert_session* session = nullptr;
  const pbert_session_options options = Options(0, 1, work.backend);
  const pbert_input text = Text("hello");
  pbert_model_info info = PBERT_MODEL_INFO;
  size_t bytes = 0;
  if (status == PBERT_OK) status = pbert_get_model_info(model, &info);
  if (status == PBERT_OK) status = pbert_tokenize(model, &text, IgnoreToken, nullptr);
  if (status == PBERT_OK) status = pbert_model_memory(model, work.backend, &bytes);
  if (status == PBERT_OK) status = pbert_session_memory(model, &options, &bytes);
  if (status == PBERT_OK) status = pbert_session_create(model, &options, &session);
  if (status == PBERT_OK) status = Ask(session, info.task);
  pbert_session_destroy(session);
  pbert_close(model);
  return status;
}

// In a process in which nothing has been done yet.
int DoWithFailure(const Work& work, unsigned failing, bool all_behind) {
  fail_at = failing;
  and_all_behind = all_behind;
  allocations = 0;
  counting = true;
  const pbert_status status = Do(work);
  counting = false;
  if (status == PBERT_OK) return allocations < failing ? kDone : kNoMemory;  // one that was not needed
  if (status != PBERT_NO_MEMORY) {
    fprintf(stderr, "allocation %u: status %d: %s\n", failing, static_cast<int>(status), pbert_error());
    return kOtherError;
  }
  if (pbert_error()[0] == '\0') return kNoMessage;
  return Do(work) == PBERT_OK ? kNoMemory : kFailsAgain;
}

void CheckEveryFailure(const Work& work) {
  for (const bool all_behind : {false, true}) {
    int outcome = kNoMemory;
    unsigned failing = 0;
    while (outcome == kNoMemory && failing < 10000) {
      ++failing;
      outcome = InChild([&] { return DoWithFailure(work, failing, all_behind); });
    }
    CAPTURE(failing);
    CAPTURE(all_behind);
    CHECK(outcome == kDone);
    CHECK(failing > 3);  // there were some
  }
}

TEST_CASE("no memory: every task, every backend, every allocation") {
  struct Kind {
    schema::Task task;
    schema::RowChoice rows;
    uint32_t outputs;
    std::vector<std::string> labels;
  };
  const Kind kinds[] = {{schema::Task::TextClassification, schema::RowChoice::First, 2, {"a", "b"}},
                        {schema::Task::TokenClassification, schema::RowChoice::All, 3, {"O", "B-X", "I-X"}},
                        {schema::Task::QuestionAnswering, schema::RowChoice::All, 2, {}},
                        {schema::Task::FeatureExtraction, schema::RowChoice::All, 0, {}},
                        {schema::Task::FillMask, schema::RowChoice::Listed, 20, {}}};
  for (const Kind& kind : kinds) {
    TinyFile file = TinyTextFile();
    SetHead(&file, kind.task, kind.rows, kind.outputs, kind.labels, schema::TensorType::I8);
    const Placed bytes(file.Bytes(), 4);
    for (const pbert_backend backend : {PBERT_AUTO, PBERT_XNNPACK, PBERT_REFERENCE}) {
      CAPTURE(static_cast<int>(kind.task));
      CAPTURE(static_cast<int>(backend));
      CheckEveryFailure({.bytes = &bytes, .backend = backend});
    }
  }
}

TEST_CASE("no memory: a file that is mapped") {
  const std::vector<uint8_t> bytes = TinyTextFile().Bytes();
  char path[] = "/tmp/pocketbert-no-memory-XXXXXX";
  const int descriptor = mkstemp(path);
  REQUIRE(descriptor >= 0);
  REQUIRE(write(descriptor, bytes.data(), bytes.size()) == static_cast<ssize_t>(bytes.size()));
  close(descriptor);
  CheckEveryFailure({.path = path});
  unlink(path);
}

#else

TEST_CASE("no memory") { Skip("a sanitizer owns malloc in this build"); }

#endif

}  // namespace
}  // namespace pbert::test
