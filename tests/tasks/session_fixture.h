// The tiny model with a tokenizer that works, opened through the C interface.
#ifndef POCKETBERT_TESTS_TASKS_SESSION_FIXTURE_H_
#define POCKETBERT_TESTS_TASKS_SESSION_FIXTURE_H_

#include <doctest/doctest.h>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "converter/tokenizer/trie_builder.h"
#include "pocketbert/pocketbert.h"
#include "tests/support/tiny_file.h"

namespace pbert::test {

// Its words: a b c the sing er hello world . , and the endings ##a ##b ##c ##ing ##er. 12 tokens at most.
inline TinyFile TinyTextFile(schema::TensorType weights = schema::TensorType::I8) {
  TinyFile file(weights);
  file.model.tokenizer->trie = converter::BuildTrie(*file.model.tokenizer);
  return file;
}

// An open model and the memory it lies in.
class OpenModel {
 public:
  explicit OpenModel(const TinyFile& file = TinyTextFile()) : bytes_(file.Bytes(), 4) {
    const pbert_status status = pbert_open_memory(bytes_.data(), bytes_.size(), nullptr, &model_);
    INFO(pbert_error());
    REQUIRE(status == PBERT_OK);
  }
  ~OpenModel() { pbert_close(model_); }
  OpenModel(const OpenModel&) = delete;
  OpenModel& operator=(const OpenModel&) = delete;

  operator pbert_model*() const { return model_; }
  // The caller closes the model in its own time.
  pbert_model* Release() { return std::exchange(model_, nullptr); }

 private:
  Placed bytes_;
  pbert_model* model_ = nullptr;
};

inline pbert_session_options Options(uint32_t max_tokens, uint32_t threads, pbert_backend backend) {
  pbert_session_options options = PBERT_SESSION_OPTIONS;
  options.max_tokens = max_tokens;
  options.threads = threads;
  options.backend = backend;
  return options;
}

inline pbert_session* NewSession(pbert_model* model, const pbert_session_options& options) {
  pbert_session* session = nullptr;
  const pbert_status status = pbert_session_create(model, &options, &session);
  INFO(pbert_error());
  REQUIRE(status == PBERT_OK);
  return session;
}

inline pbert_input Text(std::string_view text) {
  pbert_input input = PBERT_INPUT;
  input.text = text.data();
  input.text_size = text.size();
  return input;
}

inline pbert_input Pair(std::string_view text, std::string_view pair) {
  pbert_input input = Text(text);
  input.pair = pair.data();
  input.pair_size = pair.size();
  return input;
}

// A result copied out of its session.
struct Answer {
  std::vector<uint32_t> labels;
  std::vector<float> scores, logits;
  std::vector<int32_t> ids;
  bool rejected, truncated;

  bool operator==(const Answer&) const = default;
};

inline Answer Ask(pbert_session* session, const pbert_input& input) {
  pbert_classification result = PBERT_CLASSIFICATION;
  const pbert_status status = pbert_classify(session, &input, &result);
  INFO(pbert_error());
  REQUIRE(status == PBERT_OK);
  Answer answer;
  for (uint32_t i = 0; i < result.count; ++i) {
    answer.labels.push_back(result.labels[i].label);
    answer.scores.push_back(result.labels[i].score);
  }
  answer.logits.assign(result.logits, result.logits + result.count);
  answer.ids.assign(result.token_ids, result.token_ids + result.token_count);
  answer.rejected = result.rejected != 0;
  answer.truncated = result.truncated != 0;
  return answer;
}

}  // namespace pbert::test

#endif  // POCKETBERT_TESTS_TASKS_SESSION_FIXTURE_H_
