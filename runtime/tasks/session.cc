#include "tasks/session.h"

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

// A session that could not hold even the special tokens around a text would fail at every call.
Status CheckMaxTokens(const Model& model, const Tokenizer& tokenizer, uint32_t max_tokens) {
  uint32_t frame = 0;
  for (const schema::FramePiece* piece : *tokenizer.table().frame_single()) {
    if (piece->item() == schema::FrameItem::SpecialToken) ++frame;
  }
  if (max_tokens > model.max_tokens()) {
    return Status::Error(Code::kInvalidArgument, "session: max_tokens is %u, this model takes at most %u", max_tokens,
                         model.max_tokens());
  }
  if (max_tokens < frame) {
    return Status::Error(Code::kInvalidArgument, "session: max_tokens is %u, the special tokens alone are %u",
                         max_tokens, frame);
  }
  return Status();
}

}  // namespace

Session::~Session() {
  if (network_ != nullptr) Network::Destroy(network_);
  FreePages(own_memory_, arena_bytes_);
}

// The one place that says what a session consists of. It runs twice: with a counting arena, to learn the
// session's size, and with the real one.
Status Session::LayOut(const PreparedModel& model, const Tokenizer& tokenizer, const SessionOptions& options,
                       Arena* arena) {
  max_tokens_ = options.max_tokens == 0 ? model.model().max_tokens() : options.max_tokens;
  PBERT_RETURN_IF_ERROR(CheckMaxTokens(model.model(), tokenizer, max_tokens_));
  if (options.threads > kMaxThreads) {
    return Status::Error(Code::kInvalidArgument, "session: threads is %u, the most is %u", options.threads,
                         kMaxThreads);
  }
  head_ = &model.model().head(kHead);
  tokenizer_ = &tokenizer;

  scratch_ = TokenizerScratch::Take(tokenizer, arena);
  encoding_ = Encoding::Take(arena, max_tokens_);
  if (head_->task() == schema::Task::TextClassification) {
    classification_ = Classification::Take(arena, OutputCount(model.model(), *head_));
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
  arena_bytes_ = needed;
  Arena arena(memory, needed);
  PBERT_RETURN_IF_ERROR(LayOut(model, tokenizer, options, &arena));
  if (arena.overflowed()) {
    return Status::Error(Code::kNoMemory, "session: the layout took more than the %zu bytes that it counted", needed);
  }
  return Status();
}

Status Session::Tokenize(const TextInput& input) {
  if (input.max_tokens > max_tokens_) {
    return Status::Error(Code::kInvalidArgument, "input: max_tokens is %u, the session was made for %u",
                         input.max_tokens, max_tokens_);
  }
  const size_t limit = input.max_tokens == 0 ? max_tokens_ : input.max_tokens;
  return Encode(*tokenizer_, input.text, input.pair, input.has_pair, limit, &scratch_, &encoding_);
}

NetworkInput Session::network_input() const {
  return NetworkInput{.ids = {encoding_.ids, encoding_.size}, .type_ids = {encoding_.type_ids, encoding_.size}};
}

Status Session::Classify(const TextInput& input, const Classification** result) {
  if (head_->task() != schema::Task::TextClassification) {
    return Status::Error(Code::kUnsupported, "classify: this model's task is %s (pbert_model_info.task)",
                         schema::EnumNameTask(head_->task()));
  }
  PBERT_RETURN_IF_ERROR(Tokenize(input));
  ClassifyTask task(*head_, network_input(), &classification_);
  PBERT_RETURN_IF_ERROR(RunTask(&task, network_));
  *result = &classification_;
  return Status();
}

}  // namespace pbert
