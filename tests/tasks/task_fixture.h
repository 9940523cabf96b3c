// Tiny models of every task, with outputs that can be reasoned out by hand.
#ifndef POCKETBERT_TESTS_TASKS_TASK_FIXTURE_H_
#define POCKETBERT_TESTS_TASKS_TASK_FIXTURE_H_

#include <algorithm>
#include <bit>
#include <initializer_list>
#include <string>
#include <utility>
#include <vector>

#include "tests/tasks/session_fixture.h"

namespace pbert::test {

// Ids of the tiny model's pieces.
enum PieceId : int32_t {
  kUnkPiece = 1,
  kClsPiece = 2,
  kSepPiece = 3,
  kMaskPiece = 4,
  kA = 5,
  kB = 6,
  kEndingIng = 12,
  kSing = 13,
  kEndingEr = 15,
  kHello = 16,
  kWorld = 17,
  kStop = 18
};

// Puts one linear layer of `outputs` (0: none) in the place of the classifier.
inline void SetHead(TinyFile* file, schema::Task task, schema::RowChoice rows, uint32_t outputs,
                    std::vector<std::string> labels = {}, schema::TensorType type = schema::TensorType::F32) {
  schema::HeadT& head = *file->model.heads[0];
  head.task = task;
  head.rows = rows;
  head.labels = std::move(labels);
  head.steps.clear();
  if (outputs == 0) return;
  auto step = std::make_unique<schema::HeadStepT>();
  step->linear = file->AddLinear("head.task", outputs, TinyFile::kHidden, type);
  head.steps.push_back(std::move(step));
}

// One of eight orthogonal vectors of ones and minus ones. All but number 0 have mean 0 and variance 1, so that a layer
// norm leaves them as they are.
inline float PatternValue(uint32_t pattern, uint32_t column) {
  return std::popcount(pattern & column) % 2 ? -1.0f : 1.0f;
}

// Switches the encoder's layer and positions off: every token's last row is the pattern of its piece, 1 unless `pieces`
// says another (1 to 7).
inline TinyFile PatternFile(std::initializer_list<std::pair<PieceId, uint32_t>> pieces) {
  TinyFile file = TinyTextFile(schema::TensorType::F32);
  const auto fill = [&file](const std::string& name, float value) {
    std::fill_n(file.values(name), file.tensor(name).data_bytes / sizeof(float), value);
  };
  for (const char* name : {"embeddings.position", "layer.0.attention_output.weight", "layer.0.attention_output.bias",
                           "layer.0.ffn_out.weight", "layer.0.ffn_out.bias", "embeddings.norm.beta",
                           "layer.0.attention_norm.beta", "layer.0.ffn_norm.beta"}) {
    fill(name, 0.0f);
  }
  for (const char* name : {"embeddings.norm.gamma", "layer.0.attention_norm.gamma", "layer.0.ffn_norm.gamma"}) {
    fill(name, 1.0f);
  }
  float* table = file.values("embeddings.token");
  const auto set = [table](uint32_t piece, uint32_t pattern) {
    for (uint32_t i = 0; i < TinyFile::kHidden; ++i) table[piece * TinyFile::kHidden + i] = PatternValue(pattern, i);
  };
  for (uint32_t piece = 0; piece < file.tensor("embeddings.token").shape[0]; ++piece) set(piece, 1);
  for (const auto& [piece, pattern] : pieces) set(static_cast<uint32_t>(piece), pattern);
  return file;
}

struct Logit {
  uint32_t pattern, output;
  float value;
};

// Makes the head of SetHead give `logits`, and 0 for all other patterns and outputs.
inline void SetLogits(TinyFile* file, std::initializer_list<Logit> logits) {
  const schema::TensorT& weight = file->tensor("head.task.weight");
  float* weights = file->values("head.task.weight");
  std::fill_n(weights, weight.data_bytes / sizeof(float), 0.0f);
  std::fill_n(file->values("head.task.bias"), weight.shape[0], 0.0f);
  for (const Logit& logit : logits) {
    for (uint32_t i = 0; i < TinyFile::kHidden; ++i) {
      weights[logit.output * TinyFile::kHidden + i] +=
          logit.value * PatternValue(logit.pattern, i) / static_cast<float>(TinyFile::kHidden);
    }
  }
}

// A model and a session on it, both gone at the end.
class TaskSession {
 public:
  explicit TaskSession(const TinyFile& file, uint32_t threads = 1)
      : model_(file), session_(NewSession(model_, Options(0, threads, PBERT_AUTO))) {}
  ~TaskSession() { pbert_session_destroy(session_); }
  TaskSession(const TaskSession&) = delete;
  TaskSession& operator=(const TaskSession&) = delete;

  operator pbert_session*() const { return session_; }

 private:
  OpenModel model_;
  pbert_session* session_;
};

inline void CheckExtent(const pbert_extent& extent, const pbert_extent& expected) {
  CHECK(extent.begin_bytes == expected.begin_bytes);
  CHECK(extent.end_bytes == expected.end_bytes);
  CHECK(extent.begin_code_points == expected.begin_code_points);
  CHECK(extent.end_code_points == expected.end_code_points);
  CHECK(extent.begin_utf16 == expected.begin_utf16);
  CHECK(extent.end_utf16 == expected.end_utf16);
}

}  // namespace pbert::test

#endif  // POCKETBERT_TESTS_TASKS_TASK_FIXTURE_H_
