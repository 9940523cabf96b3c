#include "tasks/embed.h"

#include <algorithm>
#include <cmath>

#include "tasks/windows.h"

namespace pbert {

EmbedTask EmbedTask::Take(const schema::Head& head, size_t hidden_size, size_t max_tokens, Arena* arena) {
  EmbedTask task;
  task.pooled_ = arena->Take<float>(hidden_size);
  task.mean_ = arena->Take<float>(hidden_size);
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

Status EmbedTask::Prepare(TextInput* input, TaskContext* context, bool* whole) {
  const schema::TextPreparation* rules = context->head->text();
  *whole = true;
  if (rules == nullptr) return Status();
  if (input->has_pair && preparation_.rewrites()) {
    return Status::Error(Code::kInvalidArgument, "embed: this model puts a prompt before a text; it takes no pairs");
  }
  if (input->stride && preparation_.rewrites()) {
    return Status::Error(
        Code::kUnsupported,
        "embed: this model puts a prompt before a text or lower-cases it, which is not done in windows; "
        "leave out the stride, or embed the text's parts");
  }
  if (input->has_pair && rules->strip()) input->pair = StripSpace(input->pair);
  input->text = preparation_.Prepare(input->text, whole);
  return Status();
}

EmbedTask::Way EmbedTask::WayOf(const EmbedOptions& options, const TaskContext& context) {
  const schema::Head& head = *context.head;
  const bool by_head = !options.pooling;
  const schema::Pooling of_head = head.pooling() == schema::Pooling::None ? schema::Pooling::Mean : head.pooling();
  const schema::Pooling pooling = options.pooling.value_or(of_head);
  const bool first = pooling == schema::Pooling::Cls || head.rows() == schema::RowChoice::First;
  return {by_head, pooling, options.normalize || (by_head && head.normalize()),
          first ? schema::RowChoice::First : schema::RowChoice::All};
}

Status EmbedTask::Read(const TextInput& input, const Way& way, TaskContext* context, TextInput* text, bool* whole) {
  *text = input;
  // Other heads of the session may take longer texts than the vectors of this one were learnt from.
  if (context->head->pooling() != schema::Pooling::None && text->max_tokens <= context->max_tokens) {
    const uint32_t most = context->truncation_tokens;
    text->max_tokens = text->max_tokens == 0 ? most : std::min(text->max_tokens, most);
  }
  *whole = true;
  if (way.by_head) PBERT_RETURN_IF_ERROR(Prepare(text, context, whole));
  if (way.pooling == schema::Pooling::None && (way.normalize || text->stride)) {
    return Status::Error(Code::kInvalidArgument, "embed: only pooled embeddings are %s",
                         way.normalize ? "normalized" : "made of a text in windows");
  }
  return Status();
}

Status EmbedTask::CheckWhole(const TextInput& input, bool whole, const TaskContext& context) {
  if (whole || context.encoding.truncated) return Status();
  return Status::Error(Code::kInvalidArgument, "embed: a text of %zu bytes with less than %u tokens is too long",
                       input.text.size(), context.max_tokens);
}

// The mean of the windows' vectors, each weighted by its tokens.
void EmbedTask::AddPooled(const Way& way, size_t first_row, size_t rows, float weight, const TaskContext& context,
                          float* total) {
  if (way.pooling == schema::Pooling::None) return;
  const size_t skipped = way.by_head && way.rows == schema::RowChoice::All ? prompt_tokens_ : 0;
  Pool(*context.network, first_row, rows, way.pooling, std::min(skipped, rows));
  const size_t width = context.network->hidden_size();
  if (*total == 0.0f) std::fill_n(mean_, width, 0.0f);
  *total += weight;
  for (size_t i = 0; i < width; ++i) mean_[i] += (pooled_[i] - mean_[i]) * (weight / *total);
}

Embedding EmbedTask::Finish(const Way& way, size_t first_row, size_t rows, const TaskContext& context) {
  if (way.pooling == schema::Pooling::None) return {context.network->hidden(first_row), rows};
  if (way.normalize) {
    const size_t width = context.network->hidden_size();
    float squares = 0.0f;
    for (size_t column = 0; column < width; ++column) squares += mean_[column] * mean_[column];
    const float length = std::max(std::sqrt(squares), 1e-12f);
    for (size_t column = 0; column < width; ++column) mean_[column] /= length;
  }
  return {mean_, 1};
}

Status EmbedTask::Run(const TextInput& input, const EmbedOptions& options, TaskContext* context, Embedding* result) {
  PBERT_RETURN_IF_ERROR(context->Require(schema::Task::FeatureExtraction, "embed"));
  const Way way = WayOf(options, *context);
  TextInput text;
  bool whole = true;
  PBERT_RETURN_IF_ERROR(Read(input, way, context, &text, &whole));
  float total = 0.0f;
  const auto add = [&](const Window& window) -> Status {
    PBERT_RETURN_IF_ERROR(CheckWhole(input, whole, *context));
    PBERT_RETURN_IF_ERROR(context->RunNetwork(RowSelection{way.rows, {}}));
    AddPooled(way, 0, context->rows(), window.weight(), *context, &total);
    return Status();
  };
  PBERT_RETURN_IF_ERROR(ForEachWindow("embed", text, context, add));
  *result = Finish(way, 0, context->rows(), *context);
  return Status();
}

Status EmbedTask::RunBatch(size_t count, const EmbedOptions& options, const BatchCalls<Embedding>& calls,
                           TaskContext* context) {
  PBERT_RETURN_IF_ERROR(context->Require(schema::Task::FeatureExtraction, "embed"));
  const Way way = WayOf(options, *context);
  bool stopped = false;
  const auto add = [&](size_t index, TextPass* pass, bool* fits, bool* alone) -> Status {
    TextInput input, text;
    PBERT_RETURN_IF_ERROR(calls.read(calls.context, index, &input));
    *alone = input.stride.has_value();
    if (*alone) return Status();
    bool whole = true;
    PBERT_RETURN_IF_ERROR(Read(input, way, context, &text, &whole));
    // A text of which only the beginning was prepared has to be cut, and it takes its whole room to see that.
    *alone = !whole;
    return *alone ? Status() : pass->Add(text, fits);
  };
  const auto answer_alone = [&](size_t index) -> Status {
    TextInput input;
    PBERT_RETURN_IF_ERROR(calls.read(calls.context, index, &input));
    Embedding result;
    PBERT_RETURN_IF_ERROR(Run(input, options, context, &result));
    stopped = calls.Stops(index, result, context);
    return Status();
  };
  const auto answer = [&](size_t index, size_t row) -> Status {
    const size_t rows = way.rows == schema::RowChoice::First ? 1 : context->encoding.size;
    float total = 0.0f;
    AddPooled(way, row, rows, 1.0f, *context, &total);
    const Embedding result = Finish(way, row, rows, *context);
    stopped = calls.Stops(index, result, context);
    return Status();
  };
  return ForEachOfBatch(count, way.rows, context, &stopped, add, answer_alone, answer);
}

// Where every row is skipped the reference divides by 1e-9 what is 0, and finds a largest value of -1e9.
void EmbedTask::Pool(const Network& network, size_t first_row, size_t rows, schema::Pooling pooling, size_t skipped) {
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
      const float x = network.hidden(first_row + row)[column];
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
