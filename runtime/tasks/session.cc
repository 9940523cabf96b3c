#include "tasks/session.h"

#include <algorithm>
#include <cmath>

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
  if (network_ != nullptr) Network::Destroy(network_);
  Arena::Forget(memory_, arena_bytes_);
  FreePages(own_memory_, arena_bytes_);
}

// The one place that says what a session consists of. It runs twice: with a counting arena, to learn the
// session's size, and with the real one.
Status Session::LayOut(const PreparedModel& model, const Tokenizer& tokenizer, const SessionOptions& options,
                       Arena* arena) {
  max_tokens_ = options.max_tokens == 0 ? model.model().max_tokens() : options.max_tokens;
  truncation_tokens_ = std::min(max_tokens_, model.model().truncation_tokens());
  PBERT_RETURN_IF_ERROR(CheckMaxTokens(model.model(), tokenizer, max_tokens_));
  if (options.threads > kMaxThreads) {
    return Status::Error(Code::kInvalidArgument, "session: threads is %u, the most is %u", options.threads,
                         kMaxThreads);
  }
  head_ = &model.model().head(kHead);
  tokenizer_ = &tokenizer;

  scratch_ = TokenizerScratch::Take(tokenizer, arena);
  encoding_ = Encoding::Take(arena, max_tokens_);
  encoding_.has_type_ids = !tokenizer_->table().no_type_ids();
  const size_t outputs = OutputCount(model.model(), *head_);
  switch (head_->task()) {
    case schema::Task::TextClassification:
    case schema::Task::NextSentence:
      classification_ = Classification::Take(arena, outputs);
      break;
    case schema::Task::TokenClassification:
      tags_ = TagMemory::Take(arena, max_tokens_, outputs);
      break;
    case schema::Task::QuestionAnswering:
      answers_ = AnswerMemory::Take(arena, max_tokens_);
      break;
    case schema::Task::FeatureExtraction:
      pooled_ = arena->Take<float>(model.model().encoder().hidden_size());
      preparation_ = TextPreparation::Take(head_->text(), max_tokens_, arena);
      break;
    case schema::Task::FillMask:
      mask_rows_ = arena->Take<uint32_t>(max_tokens_);
      break;
  }
  const NetworkOptions network{
      .max_tokens = max_tokens_, .threads = options.threads == 0 ? 1 : options.threads, .head = kHead};
  return Network::Create(model, network, arena, &network_);
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
  return CountPrompt();
}

Status Session::Tokenize(const TextInput& input) {
  if (input.max_tokens > max_tokens_) {
    return Status::Error(Code::kInvalidArgument, "input: max_tokens is %u, the session was made for %u",
                         input.max_tokens, max_tokens_);
  }
  const size_t limit = input.max_tokens == 0 ? max_tokens_ : input.max_tokens;
  return Encode(*tokenizer_, input.text, input.pair, input.has_pair, limit, &scratch_, &encoding_, input.encode);
}

NetworkInput Session::network_input() const {
  return NetworkInput{.ids = {encoding_.ids, encoding_.size}, .type_ids = {encoding_.type_ids, encoding_.size}};
}

Status Session::RequireTask(schema::Task task, const char* function) const {
  if (head_->task() == task) return Status();
  return Status::Error(Code::kUnsupported, "%s: this model's task is %s (pbert_model_info.task)", function,
                       schema::EnumNameTask(head_->task()));
}

Status Session::Classify(const TextInput& input, const Classification** result) {
  if (head_->task() != schema::Task::NextSentence) {
    PBERT_RETURN_IF_ERROR(RequireTask(schema::Task::TextClassification, "classify"));
  }
  PBERT_RETURN_IF_ERROR(Tokenize(input));
  ClassifyTask task(*head_, network_input(), &classification_);
  PBERT_RETURN_IF_ERROR(RunTask(&task, network_));
  *result = &classification_;
  return Status();
}

Status Session::Tag(const TextInput& input, Aggregation aggregation, bool keep_outside,
                    std::span<const pbert_entity>* entities) {
  PBERT_RETURN_IF_ERROR(RequireTask(schema::Task::TokenClassification, "tag"));
  if (input.has_pair) return Status::Error(Code::kInvalidArgument, "tag: it takes one text, not a pair");
  TextInput cut = input;
  if (cut.max_tokens == 0) cut.max_tokens = truncation_tokens_;
  PBERT_RETURN_IF_ERROR(Tokenize(cut));
  return TagTokens(*head_, *tokenizer_, input.text, encoding_, aggregation, keep_outside, network_, &tags_, entities);
}

Status Session::Answer(const TextInput& input, const AnswerOptions& options,
                       std::span<const pbert_answer_span>* answers) {
  PBERT_RETURN_IF_ERROR(RequireTask(schema::Task::QuestionAnswering, "answer"));
  if (!input.has_pair) return Status::Error(Code::kInvalidArgument, "answer: the context (input.pair) is null");
  constexpr uint32_t kWindow = 384;  // the reference's
  AnswerOptions full = options;
  full.window = std::min(input.max_tokens == 0 ? std::min(kWindow, truncation_tokens_) : input.max_tokens, max_tokens_);
  return AnswerQuestion(*tokenizer_, input.text, input.pair, full, &scratch_, &encoding_, network_, &answers_, answers);
}

// For each mask one row of logits over the vocabulary. The best pieces are kept sorted in the caller's array, so that
// nothing as large as the vocabulary is needed beside the head's own output.
Status Session::FillMask(const TextInput& input, size_t top_k, std::span<const int32_t> targets,
                         std::span<pbert_fill> fills, size_t* count) {
  PBERT_RETURN_IF_ERROR(RequireTask(schema::Task::FillMask, "fill mask"));
  PBERT_RETURN_IF_ERROR(Tokenize(input));
  size_t masks = 0;
  for (uint32_t i = 0; i < encoding_.size; ++i) {
    if (encoding_.ids[i] == tokenizer_->table().mask_id()) mask_rows_[masks++] = i;
  }
  if (masks == 0) {
    const std::string_view mask = tokenizer_->piece(tokenizer_->table().mask_id());
    return Status::Error(Code::kInvalidArgument, "fill mask: the text has no %.*s%s", static_cast<int>(mask.size()),
                         mask.data(), encoding_.truncated ? " before the place where it was cut" : "");
  }
  PBERT_RETURN_IF_ERROR(
      network_->Encode(network_input(), RowSelection{schema::RowChoice::Listed, {mask_rows_, masks}}));
  const size_t vocabulary = network_->head_outputs();
  for (const int32_t target : targets) {
    if (target < 0 || static_cast<size_t>(target) >= vocabulary) {
      return Status::Error(Code::kInvalidArgument, "fill mask: target %d: the vocabulary has ids 0 to %zu", target,
                           vocabulary - 1);
    }
  }
  const size_t candidates = targets.empty() ? vocabulary : targets.size();
  const size_t kept = std::min(top_k, candidates);
  *count = masks * kept;
  for (size_t mask = 0; mask < masks && mask * kept < fills.size(); ++mask) {
    const float* logits = nullptr;
    PBERT_RETURN_IF_ERROR(network_->RunHead(mask, 1, &logits));
    const float highest = *std::max_element(logits, logits + vocabulary);
    double sum = 0.0;
    for (size_t i = 0; i < vocabulary; ++i) sum += std::exp(logits[i] - highest);
    const std::span<pbert_fill> best = fills.subspan(mask * kept, std::min(kept, fills.size() - mask * kept));
    size_t size = 0;
    for (size_t i = 0; i < candidates; ++i) {
      const int32_t id = targets.empty() ? static_cast<int32_t>(i) : targets[i];
      const float logit = logits[id];
      if (size == best.size() && !(logit > best[size - 1].score)) continue;
      size_t place = size < best.size() ? size++ : size - 1;
      for (; place > 0 && logit > best[place - 1].score; --place) best[place] = best[place - 1];
      best[place] = {mask_rows_[mask], id, logit};
    }
    for (pbert_fill& fill : best) fill.score = static_cast<float>(std::exp(fill.score - highest) / sum);
  }
  return Status();
}

}  // namespace pbert
