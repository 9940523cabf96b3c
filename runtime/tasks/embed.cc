#include "tasks/embed.h"

#include <algorithm>
#include <cmath>

namespace pbert {

EmbedTask EmbedTask::Take(const schema::Head& head, size_t hidden_size, size_t max_tokens, Arena* arena) {
  EmbedTask task;
  task.pooled_ = arena->Take<float>(hidden_size);
  task.preparation_ = TextPreparation::Take(head.text(), max_tokens, arena);
  return task;
}

// As sentence-transformers counts a prompt that is not pooled: with the special tokens before it, not with the one
// behind.
Status EmbedTask::CountPrompt(const schema::Head& head, TaskContext* context) {
  if (head.text() == nullptr || !head.text()->skip_prompt()) return Status();
  TextInput prompt;
  prompt.text = preparation_.PreparePrompt();
  PBERT_RETURN_IF_ERROR(context->Tokenize(prompt));
  const Encoding& encoding = context->encoding;
  prompt_tokens_ = encoding.size;
  if (prompt_tokens_ > 0 && encoding.sources[prompt_tokens_ - 1] == TokenSource::kSpecial) --prompt_tokens_;
  return Status();
}

Status EmbedTask::Run(const TextInput& asked, const EmbedOptions& options, TaskContext* context, Embedding* result) {
  PBERT_RETURN_IF_ERROR(context->Require(schema::Task::FeatureExtraction, "embed"));
  TextInput input = asked;
  // Other heads of the session may take longer texts than the vectors of this one were learnt from.
  const bool pools = context->head->pooling() != schema::Pooling::None;
  if (pools && input.max_tokens <= context->max_tokens) {
    const uint32_t most = context->truncation_tokens;
    input.max_tokens = input.max_tokens == 0 ? most : std::min(input.max_tokens, most);
  }
  if (!options.pooling) return RunByHead(input, options.normalize, context, result);
  PBERT_RETURN_IF_ERROR(context->Tokenize(input));
  return PoolEncoding(*options.pooling, options.normalize, 0, context, result);
}

Status EmbedTask::RunByHead(const TextInput& input, bool normalize, TaskContext* context, Embedding* result) {
  const schema::Head& head = *context->head;
  TextInput prepared = input;
  bool whole = true;
  if (head.text() != nullptr) {
    if (input.has_pair && preparation_.rewrites()) {
      return Status::Error(Code::kInvalidArgument, "embed: this model puts a prompt before a text; it takes no pairs");
    }
    if (input.has_pair && head.text()->strip()) prepared.pair = StripSpace(input.pair);
    prepared.text = preparation_.Prepare(input.text, &whole);
  }
  PBERT_RETURN_IF_ERROR(context->Tokenize(prepared));
  // Nearly always what did not fit would have been cut off anyway.
  if (!whole && !context->encoding.truncated) {
    return Status::Error(Code::kInvalidArgument, "embed: a text of %zu bytes with less than %u tokens is too long",
                         input.text.size(), context->max_tokens);
  }
  const schema::Pooling pooling = head.pooling() == schema::Pooling::None ? schema::Pooling::Mean : head.pooling();
  return PoolEncoding(pooling, normalize || head.normalize(), prompt_tokens_, context, result);
}

Status EmbedTask::PoolEncoding(schema::Pooling pooling, bool normalize, size_t skipped, TaskContext* context,
                               Embedding* result) {
  const bool first = pooling == schema::Pooling::Cls || context->head->rows() == schema::RowChoice::First;
  PBERT_RETURN_IF_ERROR(
      context->RunNetwork(RowSelection{first ? schema::RowChoice::First : schema::RowChoice::All, {}}));
  const Network& network = *context->network;
  const size_t rows = context->rows();
  *result = {network.hidden(0), rows};
  if (pooling == schema::Pooling::None && !normalize) return Status();
  if (pooling == schema::Pooling::None) {
    return Status::Error(Code::kInvalidArgument, "embed: only pooled embeddings are normalized");
  }
  Pool(network, rows, pooling, first ? 0 : std::min(skipped, rows));
  if (normalize) {
    const size_t width = network.hidden_size();
    float squares = 0.0f;
    for (size_t column = 0; column < width; ++column) squares += pooled_[column] * pooled_[column];
    const float length = std::max(std::sqrt(squares), 1e-12f);
    for (size_t column = 0; column < width; ++column) pooled_[column] /= length;
  }
  *result = {pooled_, 1};
  return Status();
}

// Where every row is skipped the reference divides by 1e-9 what is 0, and finds a largest value of -1e9.
void EmbedTask::Pool(const Network& network, size_t rows, schema::Pooling pooling, size_t skipped) {
  constexpr float kMasked = -1e9f;
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
  for (size_t column = 0; column < network.hidden_size(); ++column) {
    float value = pooling == schema::Pooling::Max ? kMasked : 0.0f;
    for (size_t row = begin; row < rows && !nothing; ++row) {
      const float x = network.hidden(row)[column];
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
