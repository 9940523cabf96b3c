#include "tasks/session.h"

#include <algorithm>
#include <bit>
#include <cstdio>

#include "base/parts.h"
#include "base/port.h"
#include "base/team.h"

namespace pbert {
namespace {

constexpr uint32_t BitOf(schema::Task task) { return 1u << static_cast<uint32_t>(task); }

// Width of the head's last linear layer: its number of logits; 0 when it has none.
size_t OutputCount(const Model& model, const schema::Head& head) {
  size_t count = 0;
  if (head.features() != nullptr) return model.tensor(head.features()->linear()->weight()).rows;
  if (head.steps() == nullptr) return count;
  for (const schema::HeadStep* step : *head.steps()) {
    if (step->linear() != nullptr) count = model.tensor(step->linear()->weight()).rows;
  }
  return count;
}

// A session that could not hold even the special tokens around a text, or around the pair that each of its tasks asks
// about, would fail at every call.
Status CheckMaxTokens(const Tokenizer& tokenizer, uint32_t tasks, uint32_t max_tokens, uint32_t most) {
  const bool pair = (tasks & ~(BitOf(schema::Task::QuestionAnswering) | BitOf(schema::Task::NextSentence))) == 0;
  uint32_t special = 0;
  for (const schema::FramePiece* piece : pair ? *tokenizer.table().frame_pair() : *tokenizer.table().frame_single()) {
    special += piece->item() == schema::FrameItem::SpecialToken;
  }
  if (max_tokens > most) {
    return Status::Error(Code::kInvalidArgument, "session: max_tokens is %u, this model takes at most %u", max_tokens,
                         most);
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

Status ChooseHeads(const Model& model, uint32_t tasks, uint32_t* heads) {
  uint32_t found = 0;
  for (size_t i = 0; i < model.head_count(); ++i) found |= BitOf(model.head(i).task());
  uint32_t wanted = tasks == 0 ? found : tasks;
  if ((wanted >> kTaskCount) != 0) {
    return Status::Error(Code::kInvalidArgument, "session: tasks is %#x: there are only %zu (pbert_task)", wanted,
                         kTaskCount);
  }
  if (const uint32_t missing = wanted & ~found; missing != 0) {
    const auto task = static_cast<schema::Task>(std::countr_zero(missing));
    char where[48];
    snprintf(where, sizeof(where), "session: tasks: %s", schema::EnumNameTask(task));
    return NoSuchHead(model, task, where);
  }
  if ((wanted & BitOf(schema::Task::TextClassification)) != 0) wanted &= ~BitOf(schema::Task::NextSentence);
  *heads = 0;
  for (size_t i = 0; i < model.head_count(); ++i) {
    if ((wanted & BitOf(model.head(i).task())) != 0) *heads |= 1u << i;
  }
  return Status();
}

Session::~Session() {
  if (context_.network != nullptr) Network::Destroy(context_.network);
  Arena::Forget(memory_, arena_bytes_);
  FreePages(own_memory_, arena_bytes_);
}

// The one place that says what a session consists of. It runs twice: with a counting arena, to learn the
// session's size, and with the real one.
Status Session::LayOut(const PackedModel& model, const Tokenizer& tokenizer, const SessionOptions& options,
                       Arena* arena) {
  uint32_t heads = 0;
  PBERT_RETURN_IF_ERROR(ChooseHeads(model.model(), options.tasks, &heads));
  uint32_t most = 0, tasks = 0;
  bool first_rows = true;
  for (uint32_t left = heads; left != 0; left &= left - 1) {
    const auto number = static_cast<uint32_t>(std::countr_zero(left));
    const schema::Head& head = model.model().head(number);
    if (tasks == 0) context_.head = &head;
    context_.served[static_cast<size_t>(head.task())] = {&head, number};
    tasks |= BitOf(head.task());
    most = std::max(most, model.model().max_tokens(number));
    first_rows = first_rows && head.rows() == schema::RowChoice::First;
  }
  if (options.learned > kMostLearnedLabels) {
    return Status::Error(Code::kInvalidArgument, "session: learned is %u, the most is %u", options.learned,
                         kMostLearnedLabels);
  }
  const uint32_t max_tokens = options.max_tokens == 0 ? most : options.max_tokens;
  PBERT_RETURN_IF_ERROR(CheckMaxTokens(tokenizer, tasks, max_tokens, most));
  context_.model = &model.model();
  context_.tokenizer = &tokenizer;
  context_.max_tokens = max_tokens;
  context_.truncation_tokens = std::min(max_tokens, model.model().truncation_tokens());
  context_.scratch = TokenizerScratch::Take(tokenizer, arena);
  context_.encoding = Encoding::Take(arena, max_tokens);
  context_.encoding.has_type_ids = !tokenizer.table().no_type_ids();
  context_.batch = BatchTexts::Take(arena);
  if (std::popcount(heads) > 1) {
    context_.kept = KeptStates::Take(max_tokens, arena);
    context_.kept.rows = first_rows ? schema::RowChoice::First : schema::RowChoice::All;
  }
  for (const ServedHead& served : context_.served) {
    if (served.head == nullptr) continue;
    TakeTask(model.model(), *served.head, max_tokens, options.learned == 0 ? kLearnedLabels : options.learned, arena);
  }
  const NetworkOptions network{
      .max_tokens = max_tokens, .threads = options.threads == 0 ? 1 : options.threads, .heads = heads};
  return Network::Create(model, network, arena, &context_.network);
}

void Session::TakeTask(const Model& model, const schema::Head& head, size_t max_tokens, uint32_t learned,
                       Arena* arena) {
  const size_t outputs = OutputCount(model, head);
  switch (head.task()) {
    case schema::Task::TextClassification:
    case schema::Task::NextSentence:
      if (kHasClassify || kHasZeroShot || kHasRerank) {
        classify_ = ClassifyTask::Take(model, head, outputs, learned, arena);
        context_.features = classify_.feature_tap();
      }
      break;
    case schema::Task::TokenClassification:
      if (kHasTag) tag_ = TagTask::Take(max_tokens, outputs, arena);
      break;
    case schema::Task::QuestionAnswering:
      if (kHasAnswer) answer_ = AnswerTask::Take(max_tokens, arena);
      break;
    case schema::Task::FeatureExtraction:
      if (kHasEmbed) embed_ = EmbedTask::Take(head, model.encoder().hidden_size(), max_tokens, arena);
      break;
    case schema::Task::FillMask:
      if (kHasFillMask) fill_mask_ = FillMaskTask::Take(max_tokens, arena);
      break;
  }
}

Status Session::MemoryNeeded(const PackedModel& model, const Tokenizer& tokenizer, const SessionOptions& options,
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

Status Session::Create(const PackedModel& model, const Tokenizer& tokenizer, const SessionOptions& options,
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
  const ServedHead& embeds = context_.served[static_cast<size_t>(schema::Task::FeatureExtraction)];
  return kHasEmbed && embeds.head != nullptr ? embed_.CountPrompt(*embeds.head, &context_) : Status();
}

Status Session::Classify(const TextInput& input, const Classification** result) {
  if (!kHasClassify) return NoSuchTaskBuilt("classify");
  return classify_.Run(input, &context_, result);
}

Status Session::ClassifyBatch(size_t count, const BatchCalls<Classification>& calls) {
  if (!kHasClassify) return NoSuchTaskBuilt("classify");
  return classify_.RunBatch(count, calls, &context_);
}

Status Session::Learn(std::string_view name, std::span<const pbert_text> sentences, uint32_t* label,
                      std::span<const Overlap>* overlaps) {
  if (!kHasClassify) return NoSuchTaskBuilt("classify");
  PBERT_RETURN_IF_ERROR(classify_.CanLearn("learn"));
  return classify_.Learn(name, sentences, &context_, label, overlaps);
}

Status Session::Forget(std::string_view name) {
  if (!kHasClassify) return NoSuchTaskBuilt("classify");
  PBERT_RETURN_IF_ERROR(classify_.CanLearn("forget"));
  return classify_.Forget(name);
}

Status Session::SaveLearned(const char* path) const {
  if (!kHasClassify) return NoSuchTaskBuilt("classify");
  PBERT_RETURN_IF_ERROR(classify_.CanLearn("save_learned"));
  return classify_.learned().Save(path);
}

Status Session::LoadLearned(const char* path) {
  if (!kHasClassify) return NoSuchTaskBuilt("classify");
  PBERT_RETURN_IF_ERROR(classify_.CanLearn("load_learned"));
  return classify_.learned().Load(path);
}

Status Session::ZeroShot(const TextInput& input, const ZeroShotOptions& options, TextScores* result) {
  if (!kHasZeroShot) return NoSuchTaskBuilt("zero_shot");
  return ZeroShotTask::Run(input, options, &classify_, &context_, result);
}

Status Session::Tag(const TextInput& input, const TagOptions& options, std::span<const pbert_entity>* result) {
  if (!kHasTag) return NoSuchTaskBuilt("tag");
  return tag_.Run(input, options, &context_, result);
}

Status Session::TagWindows(const TextInput& input, const TagOptions& options, pbert_entity_visitor visit,
                           void* visit_context) {
  if (!kHasTag) return NoSuchTaskBuilt("tag");
  return tag_.RunWindows(input, options, visit, visit_context, &context_);
}

Status Session::EntityWord(const TextInput& input, Aggregation aggregation, const pbert_entity& entity,
                           PieceList* word) const {
  if (!kHasTag) return NoSuchTaskBuilt("tag");
  return tag_.Word(input, aggregation, entity, context_, word);
}

Status Session::Rerank(const TextInput& input, std::span<const pbert_text> candidates, TextScores* result) {
  if (!kHasRerank) return NoSuchTaskBuilt("rerank");
  return RerankTask::Run(input, candidates, &classify_, &context_, result);
}

Status Session::Answer(const TextInput& input, const AnswerOptions& options,
                       std::span<const pbert_answer_span>* result) {
  if (!kHasAnswer) return NoSuchTaskBuilt("answer");
  return answer_.Run(input, options, &context_, result);
}

Status Session::Embed(const TextInput& input, const EmbedOptions& options, Embedding* result) {
  if (!kHasEmbed) return NoSuchTaskBuilt("embed");
  return embed_.Run(input, options, &context_, result);
}

Status Session::EmbedBatch(size_t count, const EmbedOptions& options, const BatchCalls<Embedding>& calls) {
  if (!kHasEmbed) return NoSuchTaskBuilt("embed");
  return embed_.RunBatch(count, options, calls, &context_);
}

Status Session::FillMask(const TextInput& input, const FillMaskOptions& options, Fills* result) {
  if (!kHasFillMask) return NoSuchTaskBuilt("fill_mask");
  return fill_mask_.Run(input, options, &context_, result);
}

}  // namespace pbert
