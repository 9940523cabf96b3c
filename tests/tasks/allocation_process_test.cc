// Proves "no allocation once a session exists": every malloc, new and mmap of this process is counted, in all
// threads, over many requests of mixed lengths and of every task.
#include <doctest/doctest.h>

#include <cstdint>
#include <string>

#include "tests/support/replaced_malloc.h"
#include "tests/support/skip.h"
#include "tests/tasks/session_fixture.h"
#include "tests/tasks/task_fixture.h"

namespace pbert::test {
namespace {

#if defined(PBERT_REPLACES_MALLOC)

constexpr uint32_t kLongest = 300;

// The tiny model with room for texts longer than any tile of the engine.
TinyFile LongTextFile(schema::TensorType type) {
  TinyFile file = TinyTextFile(type);
  file.model.encoder->max_tokens = kLongest;
  file.model.encoder->embeddings->position =
      file.AddMatrix("embeddings.position.long", kLongest, TinyFile::kHidden, type);
  return file;
}

// Texts from nothing to more than fits, and bytes that are no text.
std::vector<std::string> Texts() {
  std::vector<std::string> texts = {"", "\xFF\xFE", "\xF0\x9F\x98\x80", std::string(5000, 'x')};
  for (int words = 1; words < 400; words += 1 + words / 4) {
    std::string text;
    for (int i = 0; i < words; ++i) text += i % 3 == 0 ? "singing " : i % 3 == 1 ? "Hello, " : "b ";
    texts.push_back(text);
  }
  return texts;
}

TEST_CASE("the counter counts") {
  allocations = 0;
  counting = true;
  delete new int;
  free(malloc(1));
  free(calloc(1, 1));
  free(aligned_alloc(64, 64));
  void* page = mmap(nullptr, 4096, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  counting = false;
  CHECK(allocations >= 2);  // a compiler may leave out pairs of new and delete
  CHECK(page != MAP_FAILED);
  munmap(page, 4096);
}

TEST_CASE("1,000 requests of mixed lengths allocate nothing, from the first one on") {
  const std::vector<std::string> texts = Texts();
  for (const schema::TensorType type : {schema::TensorType::I8, schema::TensorType::F32}) {
    OpenModel model(LongTextFile(type));
    for (const pbert_backend backend : {PBERT_AUTO, PBERT_XNNPACK, PBERT_REFERENCE}) {
      for (const uint32_t threads : {1u, 2u}) {
        INFO("type ", static_cast<int>(type), ", backend ", static_cast<int>(backend), ", threads ", threads);
        pbert_session* session = NewSession(model, Options(0, threads, backend));
        const int runs = backend == PBERT_REFERENCE ? 100 : 1000;
        uint32_t shortest = kLongest, longest = 0, failures = 0;
        allocations = 0;
        counting = true;
        for (int i = 0; i < runs; ++i) {
          const size_t pick = static_cast<size_t>(i) * 7919 % texts.size();
          const pbert_input input = i % 5 == 4 ? Pair(texts[pick], texts[i % texts.size()]) : Text(texts[pick]);
          pbert_classification result = PBERT_CLASSIFICATION;
          failures += pbert_classify(session, &input, &result) != PBERT_OK;
          shortest = result.token_count < shortest ? result.token_count : shortest;
          longest = result.token_count > longest ? result.token_count : longest;
        }
        pbert_input wrong = PBERT_INPUT;
        wrong.max_tokens = kLongest + 1;
        pbert_classification result = PBERT_CLASSIFICATION;
        const bool refused = pbert_classify(session, &wrong, &result) == PBERT_INVALID_ARGUMENT;
        counting = false;
        CHECK(allocations == 0);
        CHECK(failures == 0);
        CHECK(refused);
        CHECK(shortest == 2);
        CHECK(longest == kLongest);
        pbert_session_destroy(session);
      }
    }
  }
}

// Asks `request` (true: it did what it should) 500 times, in int8 and fp32, of sessions on a model with this head.
template <typename Request>
void CheckAllocatesNothing(schema::Task task, schema::RowChoice rows, uint32_t outputs,
                           const std::vector<std::string>& labels, const std::vector<std::string>& texts,
                           const Request& request) {
  for (const schema::TensorType type : {schema::TensorType::I8, schema::TensorType::F32}) {
    TinyFile file = LongTextFile(type);
    SetHead(&file, task, rows, outputs, labels, type);
    for (const uint32_t threads : {1u, 2u}) {
      INFO("type ", static_cast<int>(type), ", threads ", threads);
      const TaskSession session(file, threads);
      size_t failures = 0;
      allocations = 0;
      counting = true;
      for (size_t i = 0; i < 500; ++i) failures += !request(session, texts[i * 7919 % texts.size()], i);
      counting = false;
      CHECK(allocations == 0);
      CHECK(failures == 0);
    }
  }
}

TEST_CASE("tag allocates nothing") {
  const auto request = [](pbert_session* session, const std::string& text, size_t i) {
    const pbert_input input = Text(text);
    pbert_entities result = PBERT_ENTITIES;
    return pbert_tag(session, &input, static_cast<pbert_aggregation>(i % 5), &result) == PBERT_OK;
  };
  CheckAllocatesNothing(schema::Task::TokenClassification, schema::RowChoice::All, 3, {"O", "B-X", "I-X"}, Texts(),
                        request);
}

TEST_CASE("windows allocate nothing") {
  const auto tag = [](pbert_session* session, const std::string& text, size_t i) {
    pbert_input input = Text(text);
    input.max_tokens = 16;
    input.stride = static_cast<uint32_t>(1 + i % 12);
    pbert_tag_options options = PBERT_TAG_OPTIONS;
    options.aggregation = static_cast<uint32_t>(i % 5);
    const auto visit = [](void*, const pbert_entity*) { return 0; };
    return pbert_tag_windows(session, &input, &options, visit, nullptr) == PBERT_OK;
  };
  CheckAllocatesNothing(schema::Task::TokenClassification, schema::RowChoice::All, 3, {"O", "B-X", "I-X"}, Texts(),
                        tag);
  const auto classify = [](pbert_session* session, const std::string& text, size_t i) {
    pbert_input input = Text(text);
    input.max_tokens = 16;
    input.stride = static_cast<uint32_t>(1 + i % 12);
    pbert_classification result = PBERT_CLASSIFICATION;
    return pbert_classify(session, &input, &result) == PBERT_OK;
  };
  CheckAllocatesNothing(schema::Task::TextClassification, schema::RowChoice::First, 2, {"a", "b"}, Texts(), classify);
}

TEST_CASE("batches allocate nothing") {
  const std::vector<std::string> texts = Texts();
  std::vector<pbert_input> inputs;
  for (size_t i = 0; i < 100; ++i) inputs.push_back(Text(texts[i * 7919 % texts.size()]));
  inputs[50].max_tokens = 16;
  inputs[50].stride = 2;
  const auto count = static_cast<uint32_t>(inputs.size());
  const auto classify = [&](pbert_session* session, const std::string&, size_t i) {
    uint32_t seen = 0;
    const auto visit = [](void* context, uint32_t, const pbert_classification*) {
      ++*static_cast<uint32_t*>(context);
      return 0;
    };
    // A few times, from another beginning.
    const auto from = static_cast<uint32_t>(i % 7);
    return i % 50 != 0 || (pbert_classify_batch(session, &inputs[from], count - from, visit, &seen) == PBERT_OK &&
                           seen == count - from);
  };
  CheckAllocatesNothing(schema::Task::TextClassification, schema::RowChoice::First, 2, {"a", "b"}, texts, classify);
  const auto embed = [&](pbert_session* session, const std::string&, size_t i) {
    const auto visit = [](void*, uint32_t, const pbert_embedding*) { return 0; };
    return i % 50 != 0 ||
           pbert_embed_batch(session, inputs.data(), count, PBERT_POOL_MODEL, 1, visit, nullptr) == PBERT_OK;
  };
  CheckAllocatesNothing(schema::Task::FeatureExtraction, schema::RowChoice::All, 0, {}, texts, embed);
}

TEST_CASE("answer allocates nothing") {
  const auto request = [](pbert_session* session, const std::string& text, size_t i) {
    pbert_input input = Pair("hello world", text);
    input.max_tokens = i % 2 == 0 ? 0 : 32;  // long contexts take many windows
    pbert_answer_options options = PBERT_ANSWER_OPTIONS;
    options.top_k = static_cast<uint32_t>(i % 64);
    options.allow_none = i % 3 == 0;
    pbert_answer_span spans[64];
    uint32_t count = 0;
    return pbert_answer(session, &input, &options, spans, 64, &count) == PBERT_OK;
  };
  CheckAllocatesNothing(schema::Task::QuestionAnswering, schema::RowChoice::All, 2, {}, Texts(), request);
}

TEST_CASE("embed allocates nothing") {
  const auto request = [](pbert_session* session, const std::string& text, size_t i) {
    const pbert_input input = i % 4 == 3 ? Pair(text, "b") : Text(text);
    pbert_embedding result = PBERT_EMBEDDING;
    const auto pooling = static_cast<pbert_pooling>(i % 5);
    return pbert_embed(session, &input, pooling, pooling != PBERT_POOL_TOKENS, &result) == PBERT_OK;
  };
  CheckAllocatesNothing(schema::Task::FeatureExtraction, schema::RowChoice::All, 0, {}, Texts(), request);
}

TEST_CASE("zero-shot allocates nothing") {
  const auto request = [](pbert_session* session, const std::string& text, size_t i) {
    const pbert_input input = Text(text);
    const pbert_text hypotheses[] = {{"hello", 5}, {text.data(), std::min<size_t>(text.size(), 20)}, {nullptr, 0}};
    pbert_label_score scores[3];
    return pbert_zero_shot(session, &input, hypotheses, 1 + i % 3, i % 2, scores, nullptr) == PBERT_OK;
  };
  CheckAllocatesNothing(schema::Task::TextClassification, schema::RowChoice::First, 3, {"no", "maybe", "entailment"},
                        Texts(), request);
}

TEST_CASE("fill mask allocates nothing") {
  std::vector<std::string> masked = Texts();
  for (std::string& text : masked) text = "a [MASK] " + text + " [MASK]";
  const auto request = [](pbert_session* session, const std::string& text, size_t i) {
    const pbert_input input = Text(text);
    const int32_t targets[] = {kHello, kWorld};
    pbert_fill fills[40];
    uint32_t count = 0;
    return pbert_fill_mask(session, &input, static_cast<uint32_t>(i % 21), targets, i % 2 == 0 ? 2 : 0, fills, 40,
                           &count) == PBERT_OK;
  };
  CheckAllocatesNothing(schema::Task::FillMask, schema::RowChoice::Listed, 20, {}, masked, request);
}

TEST_CASE("several heads on one encoder allocate nothing") {
  for (const schema::TensorType type : {schema::TensorType::I8, schema::TensorType::F32}) {
    TinyFile file = LongTextFile(type);
    auto tagger = std::make_unique<schema::HeadT>(), features = std::make_unique<schema::HeadT>();
    tagger->name = "tagger";
    tagger->task = schema::Task::TokenClassification;
    tagger->rows = schema::RowChoice::All;
    tagger->labels = {"O", "B-X"};
    tagger->steps.push_back(std::make_unique<schema::HeadStepT>());
    tagger->steps[0]->linear = file.AddLinear("head.tagger", 2, TinyFile::kHidden, type);
    features->name = "features";
    features->task = schema::Task::FeatureExtraction;
    features->rows = schema::RowChoice::All;
    file.model.heads.push_back(std::move(tagger));
    file.model.heads.push_back(std::move(features));
    const TaskSession session(file);
    const std::vector<std::string> texts = Texts();
    size_t failures = 0;
    allocations = 0;
    counting = true;
    for (size_t i = 0; i < 500; ++i) {
      const pbert_input input = Text(texts[i / 3 * 7919 % texts.size()]);
      pbert_classification classes = PBERT_CLASSIFICATION;
      pbert_entities entities = PBERT_ENTITIES;
      pbert_embedding embedding = PBERT_EMBEDDING;
      failures += (i % 3 == 0   ? pbert_classify(session, &input, &classes)
                   : i % 3 == 1 ? pbert_tag(session, &input, PBERT_AGGREGATE_SIMPLE, &entities)
                                : pbert_embed(session, &input, PBERT_POOL_MEAN, 1, &embedding)) != PBERT_OK;
    }
    counting = false;
    CHECK(allocations == 0);
    CHECK(failures == 0);
  }
}

TEST_CASE("a session in the caller's memory keeps none of its own but its handle, and gives that back") {
  OpenModel model(LongTextFile(schema::TensorType::I8));
  pbert_session_options options = PBERT_SESSION_OPTIONS;
  size_t needed = 0;
  REQUIRE(pbert_prepare(model, PBERT_AUTO, nullptr, 0) == PBERT_OK);
  REQUIRE(pbert_session_memory(model, &options, &needed) == PBERT_OK);
  std::vector<uint8_t> memory(needed);
  options.memory = memory.data();
  options.memory_size = memory.size();
  pbert_session* session = nullptr;
  const long before = live_bytes;
  const pbert_status status = pbert_session_create(model, &options, &session);
  const long made = live_bytes;
  pbert_session_destroy(session);
  const long after = live_bytes;
  CHECK(status == PBERT_OK);
  CHECK(made - before > 0);
  CHECK(made - before < 4096);
  CHECK(after == before);
}

TEST_CASE("a thousand models and sessions leave nothing behind") {
  const std::vector<uint8_t> bytes = TinyTextFile().Bytes();
  const Placed placed(bytes, 0);
  long before = 0;
  for (int round = 0; round < 1001; ++round) {
    if (round == 1) before = live_bytes;  // what is made once in a process is there by now
    pbert_model* model = nullptr;
    pbert_session* session = nullptr;
    const bool works = pbert_open_memory(placed.data(), placed.size(), nullptr, &model) == PBERT_OK &&
                       pbert_session_create(model, nullptr, &session) == PBERT_OK;
    pbert_close(model);
    pbert_session_destroy(session);
    if (!works) FAIL(pbert_error());
  }
  CHECK(live_bytes == before);
}

#else

TEST_CASE("1,000 requests of mixed lengths allocate nothing, from the first one on") {
  Skip("a sanitizer (or a system that is not Linux) has the allocator; run the release build");
}

#endif

}  // namespace
}  // namespace pbert::test
