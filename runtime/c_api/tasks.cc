// The C interface's functions for tasks other than classification.
#include <algorithm>

#include "c_api/batch_call.h"
#include "c_api/handles.h"
#include "c_api/struct.h"
#include "pocketbert/pocketbert.h"

namespace pbert {
namespace {

constexpr StructKind kEntities = PBERT_STRUCT_KIND(pbert_entities, token_ids);
constexpr StructKind kTagOptions = PBERT_STRUCT_KIND(pbert_tag_options, ignored);
constexpr StructKind kAnswerOptions = PBERT_STRUCT_KIND(pbert_answer_options, allow_none);
constexpr StructKind kEmbedding = PBERT_STRUCT_KIND(pbert_embedding, values);

Status ReadAggregation(uint32_t given, const char* function, Aggregation* aggregation) {
  if (given > PBERT_AGGREGATE_MAX) {
    return Status::Error(Code::kInvalidArgument, "%s: there is no aggregation %u; see pbert_aggregation", function,
                         given);
  }
  *aggregation = static_cast<Aggregation>(given);
  return Status();
}

Status Tag(pbert_session* session, const pbert_input* input, pbert_aggregation aggregation, pbert_entities* result) {
  constexpr char kName[] = "pbert_tag";
  if (session == nullptr) return NullArgument(kName, "session");
  if (result == nullptr) return NullArgument(kName, "result");
  PBERT_RETURN_IF_ERROR(CheckStructSize(result->struct_size, kEntities));
  TagOptions options;
  PBERT_RETURN_IF_ERROR(ReadAggregation(static_cast<uint32_t>(aggregation), kName, &options.aggregation));
  TextInput text;
  PBERT_RETURN_IF_ERROR(ReadInput(input, kName, &text));
  std::span<const pbert_entity> entities;
  PBERT_RETURN_IF_ERROR(session->session.Tag(text, options, &entities));
  const Encoding& encoding = session->session.encoding();
  pbert_entities full = PBERT_ENTITIES;
  full.count = static_cast<uint32_t>(entities.size());
  full.truncated = encoding.truncated ? 1 : 0;
  full.token_count = static_cast<uint32_t>(encoding.size);
  full.entities = entities.data();
  full.token_ids = encoding.ids;
  WriteStruct(full, result);
  return Status();
}

Status TagWindows(pbert_session* session, const pbert_input* input, const pbert_tag_options* options,
                  pbert_entity_visitor visitor, void* context) {
  constexpr char kName[] = "pbert_tag_windows";
  if (session == nullptr) return NullArgument(kName, "session");
  if (visitor == nullptr) return NullArgument(kName, "visitor");
  pbert_tag_options copy;
  PBERT_RETURN_IF_ERROR(ReadStruct(options, kTagOptions, &copy));
  TagOptions read;
  PBERT_RETURN_IF_ERROR(ReadAggregation(copy.aggregation, kName, &read.aggregation));
  if (copy.ignored != nullptr) read.ignored = {copy.ignored, copy.ignored_count};
  for (const char* label : read.ignored) {
    if (label == nullptr) return NullArgument(kName, "a label of options.ignored");
  }
  TextInput text;
  PBERT_RETURN_IF_ERROR(ReadInput(input, kName, &text));
  return session->session.TagWindows(text, read, visitor, context);
}

Status EntityWord(const pbert_session* session, const pbert_input* input, pbert_aggregation aggregation,
                  const pbert_entity* entity, char* word, size_t capacity, size_t* size) {
  constexpr char kName[] = "pbert_entity_word";
  if (session == nullptr) return NullArgument(kName, "session");
  if (entity == nullptr) return NullArgument(kName, "entity");
  Aggregation read = Aggregation::kNone;
  PBERT_RETURN_IF_ERROR(ReadAggregation(static_cast<uint32_t>(aggregation), kName, &read));
  TextInput text;
  PBERT_RETURN_IF_ERROR(ReadInput(input, kName, &text));
  PieceList made;
  PBERT_RETURN_IF_ERROR(session->session.EntityWord(text, read, *entity, &made));
  return CopyText(made, kName, word, capacity, size);
}

Status AnswerInto(pbert_session* session, const pbert_input* input, const pbert_answer_options* options,
                  pbert_answer_span* spans, uint32_t capacity, uint32_t* count) {
  constexpr char kName[] = "pbert_answer";
  if (session == nullptr) return NullArgument(kName, "session");
  if (count == nullptr) return NullArgument(kName, "count");
  if (spans == nullptr && capacity > 0) return NullArgument(kName, "spans");
  pbert_answer_options copy;
  PBERT_RETURN_IF_ERROR(ReadStruct(options, kAnswerOptions, &copy));
  if (copy.top_k > kMaxAnswers) {
    return Status::Error(Code::kInvalidArgument, "%s: top_k is %u, the most is %zu", kName, copy.top_k, kMaxAnswers);
  }
  TextInput text;
  PBERT_RETURN_IF_ERROR(ReadInput(input, kName, &text));
  AnswerOptions read;
  read.top_k = std::max(1u, copy.top_k);
  if (copy.doc_stride != 0) read.stride = copy.doc_stride == PBERT_NO_STRIDE ? 0 : copy.doc_stride;
  if (copy.max_answer_tokens != 0) read.max_answer_tokens = copy.max_answer_tokens;
  read.allow_none = copy.allow_none != 0;
  read.part_words = copy.part_words != 0;
  std::span<const pbert_answer_span> answers;
  PBERT_RETURN_IF_ERROR(session->session.Answer(text, read, &answers));
  std::copy_n(answers.begin(), std::min<size_t>(answers.size(), capacity), spans);
  *count = static_cast<uint32_t>(answers.size());
  return Status();
}

// pbert_embed's options; `function` begins the messages.
Status ReadPooling(const char* function, pbert_pooling pooling, int normalize, EmbedOptions* options) {
  if (static_cast<uint32_t>(pooling) > PBERT_POOL_MODEL) {
    return Status::Error(Code::kInvalidArgument, "%s: there is no pooling %u; see pbert_pooling", function,
                         static_cast<uint32_t>(pooling));
  }
  if (pooling != PBERT_POOL_MODEL) options->pooling = static_cast<schema::Pooling>(pooling);
  options->normalize = normalize != 0;
  return Status();
}

pbert_embedding ResultOf(const Embedding& embedding, const TaskContext& context) {
  pbert_embedding result = PBERT_EMBEDDING;
  result.rows = static_cast<uint32_t>(embedding.rows);
  result.columns = context.network->hidden_size();
  result.truncated = context.encoding.truncated ? 1 : 0;
  result.values = embedding.values;
  return result;
}

Status Embed(pbert_session* session, const pbert_input* input, pbert_pooling pooling, int normalize,
             pbert_embedding* result) {
  constexpr char kName[] = "pbert_embed";
  if (session == nullptr) return NullArgument(kName, "session");
  if (result == nullptr) return NullArgument(kName, "result");
  PBERT_RETURN_IF_ERROR(CheckStructSize(result->struct_size, kEmbedding));
  EmbedOptions options;
  PBERT_RETURN_IF_ERROR(ReadPooling(kName, pooling, normalize, &options));
  TextInput text;
  PBERT_RETURN_IF_ERROR(ReadInput(input, kName, &text));
  Embedding embedding;
  PBERT_RETURN_IF_ERROR(session->session.Embed(text, options, &embedding));
  WriteStruct(ResultOf(embedding, *session->session.context()), result);
  return Status();
}

Status EmbedBatch(pbert_session* session, const pbert_input* inputs, uint32_t count, pbert_pooling pooling,
                  int normalize, pbert_embedding_visitor visitor, void* context) {
  constexpr char kName[] = "pbert_embed_batch";
  if (session == nullptr) return NullArgument(kName, "session");
  if (visitor == nullptr) return NullArgument(kName, "visitor");
  EmbedOptions options;
  PBERT_RETURN_IF_ERROR(ReadPooling(kName, pooling, normalize, &options));
  BatchCall<Embedding, pbert_embedding, ResultOf> call{*session->session.context(), visitor, context, {}};
  PBERT_RETURN_IF_ERROR(InputArray::Open(inputs, count, kName, &call.inputs));
  return session->session.EmbedBatch(count, options, call.calls());
}

Status FillMask(pbert_session* session, const pbert_input* input, uint32_t top_k, const int32_t* targets,
                uint32_t target_count, pbert_fill* fills, uint32_t capacity, uint32_t* count) {
  constexpr char kName[] = "pbert_fill_mask";
  if (session == nullptr) return NullArgument(kName, "session");
  if (count == nullptr) return NullArgument(kName, "count");
  if (fills == nullptr && capacity > 0) return NullArgument(kName, "fills");
  if (targets == nullptr && target_count > 0) return NullArgument(kName, "targets");
  TextInput text;
  PBERT_RETURN_IF_ERROR(ReadInput(input, kName, &text));
  FillMaskOptions options;
  if (top_k != 0) options.top_k = top_k;
  options.targets = {targets, target_count};
  Fills found{.array = {fills, capacity}};
  PBERT_RETURN_IF_ERROR(session->session.FillMask(text, options, &found));
  *count = static_cast<uint32_t>(found.count);
  return Status();
}

// The texts that go with input.text, checked, and whether there are arrays for them.
Status ReadTexts(const char* function, const char* name, const pbert_text* texts, uint32_t count,
                 const pbert_label_score* scores, const TextInput& input) {
  if (texts == nullptr) return NullArgument(function, name);
  if (scores == nullptr) return NullArgument(function, "scores");
  if (count == 0) return Status::Error(Code::kInvalidArgument, "%s: there are no %s", function, name);
  if (input.has_pair) return Status::Error(Code::kInvalidArgument, "%s: it takes one text, not a pair", function);
  for (uint32_t i = 0; i < count; ++i) {
    std::string_view read;
    PBERT_RETURN_IF_ERROR(ReadText(function, name, texts[i].text, texts[i].text_size, &read));
  }
  return Status();
}

Status ZeroShot(pbert_session* session, const pbert_input* input, const pbert_text* hypotheses, uint32_t count,
                int multi_label, pbert_label_score* scores, uint32_t* truncated) {
  constexpr char kName[] = "pbert_zero_shot";
  if (session == nullptr) return NullArgument(kName, "session");
  TextInput text;
  PBERT_RETURN_IF_ERROR(ReadInput(input, kName, &text));
  PBERT_RETURN_IF_ERROR(ReadTexts(kName, "hypotheses", hypotheses, count, scores, text));
  const ZeroShotOptions options{{hypotheses, count}, multi_label != 0 || count == 1};
  TextScores found{.array = {scores, count}};
  PBERT_RETURN_IF_ERROR(session->session.ZeroShot(text, options, &found));
  if (truncated != nullptr) *truncated = found.truncated ? 1 : 0;
  return Status();
}

Status Rerank(pbert_session* session, const pbert_input* input, const pbert_text* candidates, uint32_t count,
              pbert_label_score* scores, uint32_t* truncated) {
  constexpr char kName[] = "pbert_rerank";
  if (session == nullptr) return NullArgument(kName, "session");
  TextInput text;
  PBERT_RETURN_IF_ERROR(ReadInput(input, kName, &text));
  PBERT_RETURN_IF_ERROR(ReadTexts(kName, "candidates", candidates, count, scores, text));
  TextScores found{.array = {scores, count}};
  PBERT_RETURN_IF_ERROR(session->session.Rerank(text, {candidates, count}, &found));
  if (truncated != nullptr) *truncated = found.truncated ? 1 : 0;
  return Status();
}

}  // namespace
}  // namespace pbert

using pbert::Report;

pbert_status pbert_tag(pbert_session* session, const pbert_input* input, pbert_aggregation aggregation,
                       pbert_entities* result) {
  return Report(pbert::Tag(session, input, aggregation, result));
}

pbert_status pbert_tag_windows(pbert_session* session, const pbert_input* input, const pbert_tag_options* options,
                               pbert_entity_visitor visitor, void* context) {
  return Report(pbert::TagWindows(session, input, options, visitor, context));
}

pbert_status pbert_entity_word(const pbert_session* session, const pbert_input* input, pbert_aggregation aggregation,
                               const pbert_entity* entity, char* word, size_t capacity, size_t* size) {
  return Report(pbert::EntityWord(session, input, aggregation, entity, word, capacity, size));
}

pbert_status pbert_rerank(pbert_session* session, const pbert_input* input, const pbert_text* candidates,
                          uint32_t count, pbert_label_score* scores, uint32_t* truncated) {
  return Report(pbert::Rerank(session, input, candidates, count, scores, truncated));
}

pbert_status pbert_answer(pbert_session* session, const pbert_input* input, const pbert_answer_options* options,
                          pbert_answer_span* spans, uint32_t capacity, uint32_t* count) {
  return Report(pbert::AnswerInto(session, input, options, spans, capacity, count));
}

pbert_status pbert_zero_shot(pbert_session* session, const pbert_input* input, const pbert_text* hypotheses,
                             uint32_t count, int multi_label, pbert_label_score* scores, uint32_t* truncated) {
  return Report(pbert::ZeroShot(session, input, hypotheses, count, multi_label, scores, truncated));
}

pbert_status pbert_embed(pbert_session* session, const pbert_input* input, pbert_pooling pooling, int normalize,
                         pbert_embedding* result) {
  return Report(pbert::Embed(session, input, pooling, normalize, result));
}

pbert_status pbert_embed_batch(pbert_session* session, const pbert_input* inputs, uint32_t count, pbert_pooling pooling,
                               int normalize, pbert_embedding_visitor visitor, void* context) {
  return Report(pbert::EmbedBatch(session, inputs, count, pooling, normalize, visitor, context));
}

pbert_status pbert_fill_mask(pbert_session* session, const pbert_input* input, uint32_t top_k, const int32_t* targets,
                             uint32_t target_count, pbert_fill* fills, uint32_t capacity, uint32_t* count) {
  return Report(pbert::FillMask(session, input, top_k, targets, target_count, fills, capacity, count));
}
