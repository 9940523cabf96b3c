#include "tasks/tag.h"

#include <algorithm>

#include "base/utf8.h"
#include "tasks/scores.h"
#include "tasks/windows.h"
#include "text/decode.h"

namespace pbert {
namespace {

size_t CodePoints(std::string_view text) {
  size_t count = 0;
  for (size_t at = 0; at < text.size(); ++count) at += DecodeUtf8(text.data() + at, text.size() - at).length;
  return count;
}

// By what entities are joined: label names without their B- or I-. A plain name counts as I-.
struct TagName {
  explicit TagName(std::string_view name) : group(name) {
    begins = name.starts_with("B-");
    if (begins || name.starts_with("I-")) group.remove_prefix(2);
  }
  std::string_view group;
  bool begins;
};

class Tagger {
 public:
  Tagger(const schema::Head& head, const Encoding& encoding, float* scores, size_t labels, pbert_entity* entities)
      : head_(head), encoding_(encoding), scores_(scores), labels_(labels), entities_(entities) {}

  // One entity for the tokens [first, end), which are one word, or one token.
  void AddWord(size_t first, size_t end, Aggregation aggregation) {
    float* chosen = Scores(first);
    if (aggregation == Aggregation::kMax) {
      for (size_t i = first + 1; i < end; ++i) {
        if (Highest(Scores(i)) > Highest(chosen)) chosen = Scores(i);
      }
    } else if (aggregation == Aggregation::kAverage) {
      for (size_t label = 0; label < labels_; ++label) {
        for (size_t i = first + 1; i < end; ++i) chosen[label] += Scores(i)[label];
        chosen[label] /= static_cast<float>(end - first);
      }
    }
    const auto label = static_cast<uint32_t>(std::max_element(chosen, chosen + labels_) - chosen);
    entities_[count_++] = {label, chosen[label], static_cast<uint32_t>(first), static_cast<uint32_t>(end - first), {}};
  }

  // Neighbours of one group become one entity with the mean of their scores, unless the later one begins another.
  void Group() {
    size_t groups = 0;
    for (size_t first = 0, end = 0; first < count_; first = end) {
      pbert_entity group = entities_[first];
      double sum = group.score;
      for (end = first + 1; end < count_; ++end) {
        const TagName name(Name(entities_[end]));
        if (name.begins || name.group != TagName(Name(entities_[end - 1])).group) break;
        sum += entities_[end].score;
      }
      const pbert_entity& last = entities_[end - 1];
      group.score = static_cast<float>(sum / static_cast<double>(end - first));
      group.token_count = last.first_token + last.token_count - group.first_token;
      entities_[groups++] = group;
    }
    count_ = groups;
  }

  // Leaves out what is ignored, and says where in the text the others are. `cursor` stands before them.
  std::span<const pbert_entity> Finish(const TagOptions& options, const OffsetCursor& cursor) {
    const bool grouped = options.aggregation != Aggregation::kNone;
    size_t kept = 0;
    OffsetCursor begins = cursor, ends = cursor;
    for (size_t i = 0; i < count_; ++i) {
      pbert_entity entity = entities_[i];
      const std::string_view name = grouped ? GroupName(Name(entity)) : Name(entity);
      if (std::find(options.ignored.begin(), options.ignored.end(), name) != options.ignored.end()) continue;
      const OffsetCursor::Position begin = begins.At(encoding_.begins[entity.first_token]);
      const OffsetCursor::Position end = ends.At(encoding_.ends[entity.first_token + entity.token_count - 1]);
      entity.extent = {begin.bytes, end.bytes, begin.code_points, end.code_points, begin.utf16_units, end.utf16_units};
      entities_[kept++] = entity;
    }
    return {entities_, kept};
  }

 private:
  float* Scores(size_t token) const { return scores_ + token * labels_; }
  float Highest(const float* scores) const { return *std::max_element(scores, scores + labels_); }
  std::string_view Name(const pbert_entity& entity) const { return head_.labels()->Get(entity.label)->string_view(); }

  const schema::Head& head_;
  const Encoding& encoding_;
  float* const scores_;
  const size_t labels_;
  pbert_entity* const entities_;
  size_t count_ = 0;
};

}  // namespace

// Where word pieces have a prefix, by the piece being longer or shorter than its text; elsewhere by there being no
// space.
bool ContinuesWord(const Tokenizer& tokenizer, std::string_view text, int32_t id, size_t begin, size_t end) {
  if (id == static_cast<int32_t>(tokenizer.table().unknown_id())) return false;
  const auto* prefix = tokenizer.table().continuing_prefix();
  if (tokenizer.table().kind() == schema::TokenizerKind::WordPiece && prefix != nullptr && prefix->size() > 0) {
    return CodePoints(tokenizer.piece(id)) != CodePoints({text.data() + begin, end - begin});
  }
  return begin > 0 && text[begin - 1] != ' ' && (begin >= text.size() || text[begin] != ' ');
}

std::string_view GroupName(std::string_view label) {
  const size_t hyphen = label.find('-');
  if (hyphen != std::string_view::npos) label.remove_prefix(hyphen + 1);
  return label;
}

TagTask TagTask::Take(size_t max_tokens, size_t label_count, Arena* arena) {
  TagTask task;
  task.entities_ = arena->Take<pbert_entity>(max_tokens);
  task.scores_ = arena->Take<float>(uint64_t{max_tokens} * label_count);
  task.labels_ = label_count;
  task.overlaps_ = EntityOverlaps::Take(max_tokens, arena);
  return task;
}

// Tags the window that the encoding holds.
Status TagTask::TagEncoding(std::string_view text, const TagOptions& options, const Window& window,
                            TaskContext* context, OffsetCursor cursor, std::span<const pbert_entity>* result) {
  PBERT_RETURN_IF_ERROR(context->RunNetwork(RowSelection{schema::RowChoice::All, {}}));
  PBERT_RETURN_IF_ERROR(context->ForEachRow(
      [this](size_t row, const float* outputs) { Softmax({outputs, labels_}, {scores_ + row * labels_, labels_}); }));

  const Encoding& encoding = context->encoding;
  const bool words = options.aggregation > Aggregation::kSimple;
  Tagger tagger(*context->head, encoding, scores_, labels_, entities_);
  for (size_t first = window.begin, end = 0; first < window.end; first = end) {
    end = first + 1;
    while (words && end < window.end &&
           ContinuesWord(*context->tokenizer, text, encoding.ids[end], encoding.begins[end], encoding.ends[end])) {
      ++end;
    }
    tagger.AddWord(first, end, options.aggregation);
  }
  if (options.aggregation != Aggregation::kNone) tagger.Group();
  *result = tagger.Finish(options, cursor);
  return Status();
}

namespace {

TokenSpan TokensOf(const pbert_entity& entity, const Encoding& encoding) {
  const size_t first = entity.first_token;
  return {encoding.ids + first, encoding.begins + first, encoding.ends + first, entity.token_count};
}

Status CheckTagInput(const TextInput& input, TaskContext* context, TextInput* read) {
  PBERT_RETURN_IF_ERROR(context->Require(schema::Task::TokenClassification, "tag"));
  if (input.has_pair) return Status::Error(Code::kInvalidArgument, "tag: it takes one text, not a pair");
  *read = input;
  if (read->max_tokens == 0) read->max_tokens = context->truncation_tokens;
  return Status();
}

}  // namespace

Status TagTask::Run(const TextInput& input, const TagOptions& options, TaskContext* context,
                    std::span<const pbert_entity>* result) {
  TextInput text;
  PBERT_RETURN_IF_ERROR(CheckTagInput(input, context, &text));
  if (text.stride) {
    return Status::Error(Code::kInvalidArgument,
                         "tag: with a stride there may be any number of entities; "
                         "pbert_tag_windows gives them one by one");
  }
  in_windows_ = false;
  return ForEachWindow("tag", text, context, [&](const Window& window) {
    return TagEncoding(text.text, options, window, context, OffsetCursor(text.text), result);
  });
}

Status TagTask::RunWindows(const TextInput& input, const TagOptions& options, pbert_entity_visitor visit,
                           void* visit_context, TaskContext* context) {
  TextInput text;
  PBERT_RETURN_IF_ERROR(CheckTagInput(input, context, &text));
  struct Visit {
    TagTask* task;
    TaskContext* session;
    pbert_entity_visitor visit;
    void* context;
  } visitor{this, context, visit, visit_context};
  const EntitySink sink{[](void* opaque, const pbert_entity& entity, const TokenSpan& tokens) {
                          const Visit& self = *static_cast<const Visit*>(opaque);
                          self.task->visited_ = tokens;
                          self.task->visited_first_ = entity.first_token;
                          return self.session->Visit([&] { return self.visit(self.context, &entity); }) == 0;
                        },
                        &visitor};
  const Encoding& encoding = context->encoding;
  in_windows_ = true;
  visited_ = {};
  overlaps_.Begin();
  bool stopped = false;  // by the visitor
  // Places are counted on from the window before, so that time is linear.
  OffsetCursor cursor(text.text);
  const auto add = [&](const Window& window) -> Status {
    if (window.begin < window.end) cursor.At(encoding.begins[window.begin]);
    std::span<const pbert_entity> found;
    PBERT_RETURN_IF_ERROR(TagEncoding(text.text, options, window, context, cursor, &found));
    if (window.number == 0 && window.last) {
      for (const pbert_entity& entity : found) {
        if (!sink(entity, TokensOf(entity, encoding))) break;
      }
      return Status();
    }
    const size_t next_token = window.last ? SIZE_MAX : window.end - text.stride.value_or(0);
    stopped = !overlaps_.Add(found, encoding, window, next_token, sink);
    return Status();
  };
  PBERT_RETURN_IF_ERROR(ForEachWindow("tag", text, context, add, &stopped));
  if (!stopped) overlaps_.Finish(sink);
  visited_ = {};
  return Status();
}

namespace {

// What the tokenizer does not know is shown as it stands in the text.
std::string_view WordOfToken(const Tokenizer& tokenizer, std::string_view text, const TokenSpan& tokens, size_t i) {
  if (tokens.ids[i] != static_cast<int32_t>(tokenizer.table().unknown_id())) return tokenizer.piece(tokens.ids[i]);
  return {text.data() + tokens.begins[i], tokens.ends[i] - tokens.begins[i]};  // not substr, which may throw
}

}  // namespace

// The reference makes a string of an entity's tokens, but by "first", "average" and "max" one of each word's tokens and
// then of the words, as if these were tokens once more. So words have no space between them where the decoder finds one
// in its tokens alone.
Status TagTask::Word(const TextInput& input, Aggregation aggregation, const pbert_entity& entity,
                     const TaskContext& context, PieceList* word) const {
  const Tokenizer& tokenizer = *context.tokenizer;
  TokenSpan tokens = visited_;
  const bool known = in_windows_ ? entity.first_token == visited_first_ && entity.token_count == visited_.count
                                 : entity.token_count <= context.encoding.size &&
                                       entity.first_token <= context.encoding.size - entity.token_count;
  // Another head may have been asked since, about another text.
  if (!known || entity.token_count == 0 || context.head->task() != schema::Task::TokenClassification) {
    return Status::Error(Code::kInvalidArgument,
                         "tag: this entity is neither of the session's last result nor the one that is being visited");
  }
  if (!in_windows_) tokens = TokensOf(entity, context.encoding);
  if (*std::max_element(tokens.ends, tokens.ends + tokens.count) > input.text.size()) {
    return Status::Error(Code::kInvalidArgument, "tag: this is not the text in which the entity was found");
  }
  if (aggregation == Aggregation::kNone) {
    word->Add(WordOfToken(tokenizer, input.text, tokens, 0));
    return Status();
  }
  PieceList words, pieces;
  const bool by_word = aggregation != Aggregation::kSimple;
  for (size_t i = 0; i < tokens.count; ++i) {
    if (by_word && i > 0 && !ContinuesWord(tokenizer, input.text, tokens.ids[i], tokens.begins[i], tokens.ends[i])) {
      PBERT_RETURN_IF_ERROR(JoinPieces(tokenizer, &pieces));
      words.Add(pieces.all());
      pieces.Clear();
    }
    pieces.Add(WordOfToken(tokenizer, input.text, tokens, i));
  }
  PBERT_RETURN_IF_ERROR(JoinPieces(tokenizer, &pieces));
  if (by_word) {
    words.Add(pieces.all());
    PBERT_RETURN_IF_ERROR(JoinPieces(tokenizer, &words));
  }
  word->Add(by_word ? words.all() : pieces.all());
  return Status();
}

}  // namespace pbert
