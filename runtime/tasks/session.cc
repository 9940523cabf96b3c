#include "tasks/session.h"

#include <algorithm>

#include "base/port.h"
#include "base/team.h"

namespace pbert {
namespace {

constexpr uint32_t kHead = 0;  // files have one head so far

// Width of the head's last linear layer: its number of logits; 0 when it has none.
size_t OutputCount(const Model& model, const schema::Head& head) {
  size_t count = 0;
  if (head.steps() == nullptr) return count;
  for (const schema::HeadStep* step : *head.steps()) {
    if (step->linear() != nullptr) count = model.tensor(step->linear()->weight()).rows;
  }
  return count;
}

// A session that could not hold even the special tokens around a text, or around the pair that its task asks about,
// would fail at every call.
Status CheckMaxTokens(const Model& model, const Tokenizer& tokenizer, uint32_t max_tokens) {
  const schema::Task task = model.head(0).task();
  const bool pair = task == schema::Task::QuestionAnswering || task == schema::Task::NextSentence;
  uint32_t special = 0;
  for (const schema::FramePiece* piece : pair ? *tokenizer.table().frame_pair() : *tokenizer.table().frame_single()) {
    special += piece->item() == schema::FrameItem::SpecialToken;
  }
  if (max_tokens > model.max_tokens()) {
    return Status::Error(Code::kInvalidArgument, "session: max_tokens is %u, this model takes at most %u", max_tokens,
                         model.max_tokens());
  }
  const uint32_t least = special + (pair ? 2 : 0);
  if (max_tokens < least) {
    return Status::Error(
        Code::kInvalidArgument,
        pair ? "session: max_tokens is %u, and a pair of texts takes at least %u, special tokens included"
             : "session: max_tokens is %u, the special tokens alone are %u",
        max_tokens, least);
  }
  return Status();
}

}  // namespace

Session::~Session() {
  if (context_.network != nullptr) Network::Destroy(context_.network);
  Arena::Forget(memory_, arena_bytes_);
  FreePages(own_memory_, arena_bytes_);
}

// The one place that says what a session consists of. It runs twice: with a counting arena, to learn the
// session's size, and with the real one.
Status Session::LayOut(const PreparedModel& model, const Tokenizer& tokenizer, const SessionOptions& options,
                       Arena* arena) {
  const schema::Head& head = model.model().head(kHead);
  const uint32_t max_tokens = options.max_tokens == 0 ? model.model().max_tokens() : options.max_tokens;
  PBERT_RETURN_IF_ERROR(CheckMaxTokens(model.model(), tokenizer, max_tokens));
  if (options.threads > kMaxThreads) {
    return Status::Error(Code::kInvalidArgument, "session: threads is %u, the most is %u", options.threads,
                         kMaxThreads);
  }
  context_.head = &head;
  context_.tokenizer = &tokenizer;
  context_.max_tokens = max_tokens;
  context_.truncation_tokens = std::min(max_tokens, model.model().truncation_tokens());
  context_.scratch = TokenizerScratch::Take(tokenizer, arena);
  context_.encoding = Encoding::Take(arena, max_tokens);
  context_.encoding.has_type_ids = !tokenizer.table().no_type_ids();
  const size_t outputs = OutputCount(model.model(), head);
  switch (head.task()) {
    case schema::Task::TextClassification:
    case schema::Task::NextSentence:
      classify_ = ClassifyTask::Take(outputs, arena);
      break;
    case schema::Task::TokenClassification:
      tag_ = TagTask::Take(max_tokens, outputs, arena);
      break;
    case schema::Task::QuestionAnswering:
      answer_ = AnswerTask::Take(max_tokens, arena);
      break;
    case schema::Task::FeatureExtraction:
      embed_ = EmbedTask::Take(head, model.model().encoder().hidden_size(), max_tokens, arena);
      break;
    case schema::Task::FillMask:
      fill_mask_ = FillMaskTask::Take(max_tokens, arena);
      break;
  }
  const NetworkOptions network{
      .max_tokens = max_tokens, .threads = options.threads == 0 ? 1 : options.threads, .head = kHead};
  return Network::Create(model, network, arena, &context_.network);
}

Status Session::MemoryNeeded(const PreparedModel& model, const Tokenizer& tokenizer, const SessionOptions& options,
                             size_t* bytes) {
  Session session;
  Arena arena;
  PBERT_RETURN_IF_ERROR(session.LayOut(model, tokenizer, options, &arena));
  if (arena.overflowed()) {
    return Status::Error(Code::kNoMemory,
                         "session: its arena would be larger than the address space; lower max_tokens");
  }
  *bytes = arena.Needed();
  return Status();
}

Status Session::Create(const PreparedModel& model, const Tokenizer& tokenizer, const SessionOptions& options,
                       void* memory, size_t memory_size) {
  size_t needed = 0;
  PBERT_RETURN_IF_ERROR(MemoryNeeded(model, tokenizer, options, &needed));
  if (memory == nullptr) {
    memory = own_memory_ = AllocatePages(needed);
    arena_bytes_ = needed;
    if (memory == nullptr) {
      return Status::Error(Code::kNoMemory, "session: the system has no %zu bytes for the arena; lower max_tokens",
                           needed);
    }
  } else if (memory_size < needed) {
    return Status::Error(Code::kNoMemory,
                         "session: an arena of %zu bytes was given, %zu are needed (pbert_session_memory)", memory_size,
                         needed);
  }
  memory_ = memory;
  arena_bytes_ = needed;
  Arena arena(memory, needed);
  PBERT_RETURN_IF_ERROR(LayOut(model, tokenizer, options, &arena));
  if (arena.overflowed()) {
    return Status::Error(Code::kNoMemory, "session: the layout took more than the %zu bytes that it counted", needed);
  }
  return context_.head->task() == schema::Task::FeatureExtraction ? embed_.CountPrompt(&context_) : Status();
}

Status Session::Classify(const TextInput& input, const Classification** result) {
  return classify_.Run(input, &context_, result);
}

Status Session::ZeroShot(const TextInput& input, const ZeroShotOptions& options, HypothesisScores* result) {
  return ZeroShotTask::Run(input, options, &classify_, &context_, result);
}

Status Session::Tag(const TextInput& input, const TagOptions& options, std::span<const pbert_entity>* result) {
  return tag_.Run(input, options, &context_, result);
}

Status Session::TagWindows(const TextInput& input, const TagOptions& options, pbert_entity_visitor visit,
                           void* visit_context) {
  return tag_.RunWindows(input, options, visit, visit_context, &context_);
}

Status Session::EntityWord(const TextInput& input, Aggregation aggregation, const pbert_entity& entity,
                           PieceList* word) const {
  return tag_.Word(input, aggregation, entity, context_, word);
}

Status Session::Rerank(const TextInput& input, std::span<const pbert_text> candidates, CandidateScores* result) {
  return RerankTask::Run(input, candidates, &classify_, &context_, result);
}

Status Session::Answer(const TextInput& input, const AnswerOptions& options,
                       std::span<const pbert_answer_span>* result) {
  return answer_.Run(input, options, &context_, result);
}

Status Session::Embed(const TextInput& input, const EmbedOptions& options, Embedding* result) {
  return embed_.Run(input, options, &context_, result);
}

Status Session::FillMask(const TextInput& input, const FillMaskOptions& options, Fills* result) {
  return fill_mask_.Run(input, options, &context_, result);
}

}  // namespace pbert
