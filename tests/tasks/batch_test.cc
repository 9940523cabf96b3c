// Several texts at once against one after the other, bit by bit where that is promised.
#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <random>
#include <string>
#include <vector>

#include "c_api/handles.h"
#include "tests/tasks/session_fixture.h"
#include "tests/tasks/task_fixture.h"

namespace pbert::test {
namespace {

using schema::RowChoice;
using schema::Task;
using schema::TensorType;

constexpr uint32_t kLongest = 200;

enum class Heads { kClassifier, kFeatures, kBoth };

// With room for many texts at once. Padding that stands in a text takes no place if `uncounted`.
TinyFile BatchFile(Heads heads, TensorType type, bool uncounted = false) {
  TinyFile file = TinyTextFile(type);
  schema::EmbeddingsT& embeddings = *file.model.encoder->embeddings;
  file.model.encoder->max_tokens = kLongest;
  embeddings.position = file.AddMatrix("embeddings.position.long", kLongest + 8, TinyFile::kHidden, type);
  if (uncounted) {
    embeddings.position_offset = 2;
    embeddings.uncounted_id = kA;
  }
  if (heads == Heads::kFeatures) SetHead(&file, Task::FeatureExtraction, RowChoice::All, 0, {}, type);
  if (heads == Heads::kBoth) {
    auto features = std::make_unique<schema::HeadT>();
    features->name = "features";
    features->task = Task::FeatureExtraction;
    features->rows = RowChoice::All;
    file.model.heads.push_back(std::move(features));
  }
  return file;
}

// Owns its session.
struct Held {
  Held(pbert_model* model, const pbert_session_options& options) : session(NewSession(model, options)) {}
  ~Held() { pbert_session_destroy(session); }
  Held(const Held&) = delete;
  Held& operator=(const Held&) = delete;
  operator pbert_session*() const { return session; }
  pbert_session* const session;
};

struct Vectors {
  std::vector<float> values;
  uint32_t rows, truncated;
  std::vector<int32_t> ids;
  bool operator==(const Vectors&) const = default;
};

Vectors Copy(pbert_session* session, const pbert_embedding& from) {
  Vectors copy{{from.values, from.values + from.rows * from.columns}, from.rows, from.truncated, {}};
  const int32_t* ids = nullptr;
  uint32_t count = 0, truncated = 0;
  REQUIRE(pbert_last_tokens(session, &ids, &count, &truncated) == PBERT_OK);
  CHECK(truncated == from.truncated);
  copy.ids.assign(ids, ids + count);
  return copy;
}

Answer Copy(pbert_session*, const pbert_classification& from) {
  Answer copy{{},
              {},
              {from.logits, from.logits + from.count},
              {from.token_ids, from.token_ids + from.token_count},
              from.rejected != 0,
              from.truncated != 0};
  for (uint32_t i = 0; i < from.count; ++i) {
    copy.labels.push_back(from.labels[i].label);
    copy.scores.push_back(from.labels[i].score);
  }
  return copy;
}

Vectors AskVectors(pbert_session* session, const pbert_input& input, pbert_pooling pooling, bool normalize) {
  pbert_embedding result = PBERT_EMBEDDING;
  REQUIRE(pbert_embed(session, &input, pooling, normalize, &result) == PBERT_OK);
  return Copy(session, result);
}

// Collects what a batch gives, and stops behind `most` answers.
template <typename Copied>
struct Collected {
  pbert_session* session;
  size_t most = SIZE_MAX;
  std::vector<Copied> answers = {};

  template <typename Result>
  static int Visit(void* context, uint32_t index, const Result* result) {
    auto& self = *static_cast<Collected*>(context);
    CHECK(index == self.answers.size());
    CHECK(result->struct_size == sizeof(Result));
    self.answers.push_back(Copy(self.session, *result));
    return self.answers.size() < self.most ? 0 : 1;
  }
};

std::vector<Answer> Batch(pbert_session* session, const std::vector<pbert_input>& inputs, size_t most = SIZE_MAX) {
  Collected<Answer> collected{session, most};
  const pbert_status status = pbert_classify_batch(session, inputs.data(), static_cast<uint32_t>(inputs.size()),
                                                   Collected<Answer>::Visit, &collected);
  INFO(pbert_error());
  CHECK(status == PBERT_OK);
  return collected.answers;
}

std::vector<Vectors> BatchVectors(pbert_session* session, const std::vector<pbert_input>& inputs, pbert_pooling pooling,
                                  bool normalize) {
  Collected<Vectors> collected{session};
  const pbert_status status = pbert_embed_batch(session, inputs.data(), static_cast<uint32_t>(inputs.size()), pooling,
                                                normalize, Collected<Vectors>::Visit, &collected);
  INFO(pbert_error());
  CHECK(status == PBERT_OK);
  return collected.answers;
}

// Texts of lengths that differ much: mostly few words, some none, some more than fit.
class RandomTexts {
 public:
  RandomTexts(size_t count, uint32_t seed) : random_(seed) {
    for (size_t i = 0; i < 2 * count; ++i) {
      const uint32_t kind = random_() % 16;
      const uint32_t words = kind == 0   ? 0
                             : kind == 1 ? kLongest - 2
                             : kind == 2 ? 300
                             : kind < 6  ? random_() % 90
                                         : 1 + random_() % 8;
      texts_.push_back(Words(words));
    }
    for (size_t i = 0; i < count; ++i) {
      inputs.push_back(Text(texts_[i]));
      pbert_input& input = inputs.back();
      const uint32_t kind = random_() % 16;
      if (kind < 3) {
        input = Pair(texts_[i], texts_[count + i]);
        input.truncation = kind == 0 ? PBERT_ONLY_FIRST : PBERT_LONGEST_FIRST;
      }
      if (kind % 4 == 1) input.max_tokens = 5 + random_() % 7;
      if (kind == 6) input.stride = 1;
      if (kind == 6) input.max_tokens = 9;
    }
  }
  std::vector<pbert_input> inputs;

 private:
  std::string Words(uint32_t count) {
    constexpr const char* kWords[] = {"a", "b", "c", "the", "sing", "hello", "world", ".", "unknown"};
    std::string text;
    for (uint32_t i = 0; i < count; ++i) text += std::string(kWords[random_() % std::size(kWords)]) + " ";
    return text;
  }
  std::minstd_rand random_;
  std::vector<std::string> texts_;
};

std::vector<pbert_input> WithoutStrides(std::vector<pbert_input> inputs) {
  for (pbert_input& input : inputs) input.stride = 0;
  return inputs;
}

template <typename Check>
void ForEachSession(Heads heads, const Check& check) {
  for (const bool uncounted : {false, true}) {
    OpenModel model(BatchFile(heads, TensorType::I8, uncounted));
    for (const pbert_backend backend : {PBERT_NATIVE, PBERT_REFERENCE}) {
      size_t bytes = 0;
      if (pbert_model_memory(model, backend, &bytes) == PBERT_UNSUPPORTED) continue;
      for (const uint32_t threads : {1u, 3u}) {
        for (const uint32_t max_tokens : {13u, 40u, kLongest}) {
          INFO("uncounted ", uncounted, ", backend ", static_cast<int>(backend), ", threads ", threads, ", max_tokens ",
               max_tokens);
          const Held session(model, Options(max_tokens, threads, backend));
          check(session);
        }
      }
    }
  }
}

TEST_CASE("batch: random texts in random groups get the answers that they get alone") {
  for (const Heads heads : {Heads::kClassifier, Heads::kBoth}) {
    uint32_t seed = 1;
    ForEachSession(heads, [&](pbert_session* session) {
      for (const size_t count : {0, 1, 2, 50}) {
        const RandomTexts texts(count, ++seed);
        const std::vector<Answer> together = Batch(session, texts.inputs);
        REQUIRE(together.size() == count);
        for (size_t i = 0; i < count; ++i) {
          INFO("text ", i);
          CHECK(together[i] == Ask(session, texts.inputs[i]));
        }
      }
    });
  }
}

TEST_CASE("batch: embeddings of every pooling") {
  for (const Heads heads : {Heads::kFeatures, Heads::kBoth}) {
    uint32_t seed = 100;
    ForEachSession(heads, [&](pbert_session* session) {
      for (const pbert_pooling pooling : {PBERT_POOL_TOKENS, PBERT_POOL_CLS, PBERT_POOL_MEAN, PBERT_POOL_MODEL}) {
        const bool tokens = pooling == PBERT_POOL_TOKENS, normalize = pooling == PBERT_POOL_MEAN;
        const RandomTexts texts(20, ++seed);
        const std::vector<pbert_input> inputs = tokens ? WithoutStrides(texts.inputs) : texts.inputs;
        const std::vector<Vectors> together = BatchVectors(session, inputs, pooling, normalize);
        REQUIRE(together.size() == inputs.size());
        for (size_t i = 0; i < inputs.size(); ++i) {
          INFO("pooling ", static_cast<int>(pooling), ", text ", i);
          CHECK(together[i] == AskVectors(session, inputs[i], pooling, normalize));
        }
      }
    });
  }
}

TEST_CASE("batch: three hundred empty texts, more than a pass takes") {
  OpenModel model(BatchFile(Heads::kClassifier, TensorType::I8));
  const Held session(model, Options(0, 1, PBERT_AUTO));
  const std::vector<Answer> together = Batch(session, std::vector<pbert_input>(300, PBERT_INPUT));
  REQUIRE(together.size() == 300);
  const Answer alone = Ask(session, PBERT_INPUT);
  for (const Answer& answer : together) CHECK(answer == alone);
}

TEST_CASE("batch: other products give nearly the same") {
  for (const TensorType type : {TensorType::I8, TensorType::F32}) {
    OpenModel model(BatchFile(Heads::kClassifier, type));
    for (const pbert_backend backend : {PBERT_AUTO, PBERT_XNNPACK}) {
      const Held session(model, Options(0, 2, backend));
      const RandomTexts texts(50, 7);
      const std::vector<Answer> together = Batch(session, texts.inputs);
      REQUIRE(together.size() == texts.inputs.size());
      for (size_t i = 0; i < texts.inputs.size(); ++i) {
        const Answer alone = Ask(session, texts.inputs[i]);
        CHECK(together[i].ids == alone.ids);
        for (size_t label = 0; label < alone.logits.size(); ++label) {
          CHECK(std::fabs(together[i].logits[label] - alone.logits[label]) < 1e-4f);
        }
      }
    }
  }
}

TEST_CASE("batch: fewer passes than texts, and never more tokens than a session has room for") {
  OpenModel model(BatchFile(Heads::kClassifier, TensorType::I8));
  for (const uint32_t max_tokens : {12u, kLongest}) {
    const Held session(model, Options(max_tokens, 1, PBERT_AUTO));
    Network* network = session.session->session.context()->network;
    size_t passes = 0;
    network->SetStepHook(
        {[](void* count, Step step) { *static_cast<size_t*>(count) += step == Step::kEmbed; }, &passes});
    Batch(session, std::vector<pbert_input>(48, Text("a b")));  // 4 tokens each
    CHECK(passes == (max_tokens == 12 ? 16 : 3));
    network->SetStepHook({});
  }
}

TEST_CASE("batch: the visitor ends it") {
  OpenModel model(BatchFile(Heads::kClassifier, TensorType::I8));
  const Held session(model, Options(0, 1, PBERT_AUTO));
  std::vector<pbert_input> inputs(40, Text("hello world"));
  inputs[20].stride = PBERT_NO_STRIDE;
  for (size_t most = 1; most <= 40; ++most) CHECK(Batch(session, inputs, most).size() == most);
}

TEST_CASE("batch: a visitor that asks its own session is told so, and the batch goes on") {
  OpenModel model(BatchFile(Heads::kClassifier, TensorType::I8));
  const Held session(model, Options(0, 1, PBERT_AUTO));
  const std::vector<pbert_input> inputs(3, Text("hello world"));
  struct Seen {
    pbert_session* session;
    size_t visits = 0, refused = 0;
  } seen{session};
  REQUIRE(pbert_classify_batch(
              session, inputs.data(), 3,
              [](void* context, uint32_t, const pbert_classification*) {
                Seen& of = *static_cast<Seen*>(context);
                const pbert_input inner = Text("a");
                pbert_classification result = PBERT_CLASSIFICATION;
                ++of.visits;
                of.refused += pbert_classify(of.session, &inner, &result) == PBERT_INVALID_ARGUMENT &&
                              strstr(pbert_error(), "inside of its own visitor") != nullptr;
                return 0;
              },
              &seen) == PBERT_OK);
  CHECK(seen.visits == 3);
  CHECK(seen.refused == 3);
  CHECK(Ask(session, Text("a")).ids.size() == 3);
}

TEST_CASE("batch: behind it the session's last tokens are those of the last text") {
  OpenModel model(BatchFile(Heads::kClassifier, TensorType::I8));
  const Held session(model, Options(0, 1, PBERT_AUTO));
  Batch(session, {Text("hello world"), Text("a b c")});
  const int32_t* ids = nullptr;
  uint32_t count = 0;
  REQUIRE(pbert_last_tokens(session, &ids, &count, nullptr) == PBERT_OK);
  const std::vector<int32_t> last(ids, ids + count);
  CHECK(last == Ask(session, Text("a b c")).ids);
  CHECK(Ask(session, Text("hello world")).ids.size() == 4);
}

TEST_CASE("batch: what several heads kept of a text is gone behind it") {
  OpenModel model(BatchFile(Heads::kBoth, TensorType::I8));
  const Held session(model, Options(0, 1, PBERT_AUTO)), fresh(model, Options(0, 1, PBERT_AUTO));
  const pbert_input text = Text("hello world");
  const Answer before = Ask(session, text);
  Batch(session, {Text("a"), Text("b c")});
  CHECK(AskVectors(session, text, PBERT_POOL_MEAN, false) == AskVectors(fresh, text, PBERT_POOL_MEAN, false));
  CHECK(Ask(session, text) == before);
}

// Of `inputs` the one at `failing` is refused with `code`: all before it are answered, and it is named.
void CheckFails(pbert_session* session, const std::vector<pbert_input>& inputs, size_t failing, pbert_status code) {
  Collected<Answer> collected{session};
  CHECK(pbert_classify_batch(session, inputs.data(), static_cast<uint32_t>(inputs.size()), Collected<Answer>::Visit,
                             &collected) == code);
  CAPTURE(pbert_error());
  CHECK(collected.answers.size() == failing);
  CHECK(std::string(pbert_error()).starts_with("inputs[" + std::to_string(failing) + "]: "));
  for (size_t i = 0; i < collected.answers.size(); ++i) CHECK(collected.answers[i] == Ask(session, inputs[i]));
}

TEST_CASE("batch: an input that is refused ends it, behind those before it") {
  OpenModel model(BatchFile(Heads::kClassifier, TensorType::I8));
  const Held session(model, Options(0, 1, PBERT_AUTO));
  const std::vector<pbert_input> good(30, Text("hello world"));
  for (const size_t failing : {0, 1, 17, 29}) {
    CAPTURE(failing);
    std::vector<pbert_input> inputs = good;
    inputs[failing].max_tokens = kLongest + 1;
    CheckFails(session, inputs, failing, PBERT_INVALID_ARGUMENT);
    inputs = good;
    inputs[failing].max_tokens = 1;
    CheckFails(session, inputs, failing, PBERT_INVALID_ARGUMENT);
    inputs = good;
    inputs[failing].truncation = 9;
    CheckFails(session, inputs, failing, PBERT_INVALID_ARGUMENT);
    inputs = good;
    inputs[failing] = Pair("a", "b");
    inputs[failing].stride = 3;
    CheckFails(session, inputs, failing, PBERT_INVALID_ARGUMENT);
    if (failing == 0) continue;
    inputs = good;
    inputs[failing].struct_size = 0;
    CheckFails(session, inputs, failing, PBERT_INVALID_ARGUMENT);
  }
}

TEST_CASE("batch: a text that the network refuses is found among those of its pass") {
  TinyFile file = BatchFile(Heads::kClassifier, TensorType::I8);
  file.model.encoder->embeddings->token_type =
      file.AddMatrix("embeddings.token_type", 1, TinyFile::kHidden, TensorType::I8);
  OpenModel model(file);
  const Held session(model, Options(0, 1, PBERT_AUTO));
  std::vector<pbert_input> inputs(30, Text("hello world"));
  inputs[17] = Pair("a", "b");
  CheckFails(session, inputs, 17, PBERT_INVALID_ARGUMENT);
}

TEST_CASE("batch: what is no call at all") {
  OpenModel model(BatchFile(Heads::kClassifier, TensorType::I8));
  const Held session(model, Options(0, 1, PBERT_AUTO));
  Collected<Answer> collected{session};
  const pbert_classification_visitor visit = &Collected<Answer>::Visit<pbert_classification>;
  const pbert_embedding_visitor visit_vector = &Collected<Vectors>::Visit<pbert_embedding>;
  pbert_input input = Text("a");
  CHECK(pbert_classify_batch(nullptr, &input, 1, visit, &collected) == PBERT_INVALID_ARGUMENT);
  CHECK(pbert_classify_batch(session, nullptr, 1, visit, &collected) == PBERT_INVALID_ARGUMENT);
  CHECK(pbert_classify_batch(session, &input, 1, nullptr, &collected) == PBERT_INVALID_ARGUMENT);
  CHECK(pbert_classify_batch(session, nullptr, 0, visit, &collected) == PBERT_OK);
  CHECK(pbert_embed_batch(session, &input, 1, PBERT_POOL_MEAN, 0, visit_vector, nullptr) == PBERT_UNSUPPORTED);
  CHECK(pbert_embed_batch(session, &input, 1, static_cast<pbert_pooling>(5), 0, visit_vector, nullptr) ==
        PBERT_INVALID_ARGUMENT);
  input.struct_size = sizeof(input) + 1;
  CHECK(pbert_classify_batch(session, &input, 1, visit, &collected) == PBERT_INVALID_ARGUMENT);
  CHECK(collected.answers.empty());
}

TEST_CASE("batch: the inputs of a caller whose struct is larger") {
  struct Newer {
    pbert_input input = Text("hello");
    uint64_t unknown = 0;
  };
  OpenModel model(BatchFile(Heads::kClassifier, TensorType::I8));
  const Held session(model, Options(0, 1, PBERT_AUTO));
  Newer inputs[5];
  for (Newer& newer : inputs) newer.input.struct_size = sizeof(Newer);
  inputs[3].input.text_size = 0;
  Collected<Answer> collected{session};
  REQUIRE(pbert_classify_batch(session, &inputs[0].input, 5, Collected<Answer>::Visit, &collected) == PBERT_OK);
  REQUIRE(collected.answers.size() == 5);
  CHECK(collected.answers[3] == Ask(session, Text("")));
  CHECK(collected.answers[4] == Ask(session, Text("hello")));
}

}  // namespace
}  // namespace pbert::test
