// The part of a session that makes embeddings.
#include <algorithm>
#include <cmath>

#include "tasks/session.h"

namespace pbert {

// As sentence-transformers counts a prompt that is not pooled: with the special tokens before it, not with the one
// behind.
Status Session::CountPrompt() {
  if (head_->text() == nullptr || !head_->text()->skip_prompt()) return Status();
  TextInput prompt;
  prompt.text = preparation_.PreparePrompt();
  PBERT_RETURN_IF_ERROR(Tokenize(prompt));
  prompt_tokens_ = encoding_.size;
  if (prompt_tokens_ > 0 && encoding_.sources[prompt_tokens_ - 1] == TokenSource::kSpecial) --prompt_tokens_;
  return Status();
}

Status Session::Embed(const TextInput& input, schema::Pooling pooling, bool normalize, const float** values,
                      size_t* rows) {
  PBERT_RETURN_IF_ERROR(RequireTask(schema::Task::FeatureExtraction, "embed"));
  PBERT_RETURN_IF_ERROR(Tokenize(input));
  return PoolEncoding(pooling, normalize, 0, values, rows);
}

Status Session::EmbedByHead(const TextInput& input, bool normalize, const float** values, size_t* rows) {
  PBERT_RETURN_IF_ERROR(RequireTask(schema::Task::FeatureExtraction, "embed"));
  TextInput prepared = input;
  bool whole = true;
  if (head_->text() != nullptr) {
    if (input.has_pair && preparation_.rewrites()) {
      return Status::Error(Code::kInvalidArgument, "embed: this model puts a prompt before a text; it takes no pairs");
    }
    if (input.has_pair && head_->text()->strip()) prepared.pair = StripSpace(input.pair);
    prepared.text = preparation_.Prepare(input.text, &whole);
  }
  PBERT_RETURN_IF_ERROR(Tokenize(prepared));
  // Nearly always what did not fit would have been cut off anyway.
  if (!whole && !encoding_.truncated) {
    return Status::Error(Code::kInvalidArgument, "embed: a text of %zu bytes with less than %u tokens is too long",
                         input.text.size(), max_tokens_);
  }
  const schema::Pooling pooling = head_->pooling() == schema::Pooling::None ? schema::Pooling::Mean : head_->pooling();
  return PoolEncoding(pooling, normalize || head_->normalize(), prompt_tokens_, values, rows);
}

Status Session::PoolEncoding(schema::Pooling pooling, bool normalize, size_t skipped, const float** values,
                             size_t* rows) {
  const bool first = pooling == schema::Pooling::Cls || head_->rows() == schema::RowChoice::First;
  const schema::RowChoice choice = first ? schema::RowChoice::First : schema::RowChoice::All;
  PBERT_RETURN_IF_ERROR(network_->Encode(network_input(), RowSelection{choice, {}}));
  *rows = network_->rows();
  *values = network_->hidden(0);
  if (pooling == schema::Pooling::None && !normalize) return Status();
  if (pooling == schema::Pooling::None) {
    return Status::Error(Code::kInvalidArgument, "embed: only pooled embeddings are normalized");
  }
  Pool(pooling, first ? 0 : std::min(skipped, *rows));
  if (normalize) {
    const size_t width = network_->hidden_size();
    float squares = 0.0f;
    for (size_t column = 0; column < width; ++column) squares += pooled_[column] * pooled_[column];
    const float length = std::max(std::sqrt(squares), 1e-12f);
    for (size_t column = 0; column < width; ++column) pooled_[column] /= length;
  }
  *rows = 1;
  *values = pooled_;
  return Status();
}

// Where every row is skipped the reference divides by 1e-9 what is 0, and finds a largest value of -1e9.
void Session::Pool(schema::Pooling pooling, size_t skipped) {
  constexpr float kMasked = -1e9f;
  const size_t rows = network_->rows();
  const bool one = pooling == schema::Pooling::Cls || pooling == schema::Pooling::Last;
  const size_t begin = pooling == schema::Pooling::Last ? rows - 1 : pooling == schema::Pooling::Cls ? 0 : skipped;
  float divisor = 1;
  if (pooling == schema::Pooling::Mean) divisor = static_cast<float>(rows - skipped);
  if (pooling == schema::Pooling::MeanSqrtLength) divisor = std::sqrt(static_cast<float>(rows - skipped));
  if (pooling == schema::Pooling::WeightedMean) {
    divisor = 0;
    for (size_t row = skipped; row < rows; ++row) divisor += static_cast<float>(row + 1);
  }
  const bool nothing = skipped == rows && pooling != schema::Pooling::Cls;
  for (size_t column = 0; column < network_->hidden_size(); ++column) {
    float value = pooling == schema::Pooling::Max ? kMasked : 0.0f;
    for (size_t row = begin; row < rows && !nothing; ++row) {
      const float x = network_->hidden(row)[column];
      if (pooling == schema::Pooling::Max) {
        value = std::max(value, x);
      } else {
        value += pooling == schema::Pooling::WeightedMean ? x * static_cast<float>(row + 1) : x;
      }
      if (one) break;
    }
    pooled_[column] = nothing ? value : value / divisor;
  }
}

}  // namespace pbert
