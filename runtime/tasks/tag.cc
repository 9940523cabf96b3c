#include "tasks/tag.h"

#include <algorithm>

#include "base/utf8.h"
#include "tasks/scores.h"

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

  // Leaves out "O" unless told to keep it, and says where in the text the others are.
  std::span<const pbert_entity> Finish(std::string_view text, bool grouped, bool keep_outside) {
    size_t kept = 0;
    OffsetCursor begins(text), ends(text);
    for (size_t i = 0; i < count_; ++i) {
      pbert_entity entity = entities_[i];
      const std::string_view name = Name(entity);
      if (!keep_outside && (grouped ? GroupName(name) : name) == "O") continue;
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
  return task;
}

Status TagTask::Run(const TextInput& input, const TagOptions& options, TaskContext* context,
                    std::span<const pbert_entity>* result) {
  PBERT_RETURN_IF_ERROR(context->Require(schema::Task::TokenClassification, "tag"));
  if (input.has_pair) return Status::Error(Code::kInvalidArgument, "tag: it takes one text, not a pair");
  TextInput cut = input;
  if (cut.max_tokens == 0) cut.max_tokens = context->truncation_tokens;
  PBERT_RETURN_IF_ERROR(context->Tokenize(cut));
  PBERT_RETURN_IF_ERROR(context->RunNetwork(RowSelection{schema::RowChoice::All, {}}));
  PBERT_RETURN_IF_ERROR(context->ForEachRow(
      [this](size_t row, const float* outputs) { Softmax({outputs, labels_}, {scores_ + row * labels_, labels_}); }));

  const Encoding& encoding = context->encoding;
  const bool words = options.aggregation > Aggregation::kSimple;
  Tagger tagger(*context->head, encoding, scores_, labels_, entities_);
  for (size_t first = 0, end = 0; first < encoding.size; first = end) {
    end = first + 1;
    if (encoding.sources[first] == TokenSource::kSpecial) continue;
    while (
        words && end < encoding.size && encoding.sources[end] != TokenSource::kSpecial &&
        ContinuesWord(*context->tokenizer, input.text, encoding.ids[end], encoding.begins[end], encoding.ends[end])) {
      ++end;
    }
    tagger.AddWord(first, end, options.aggregation);
  }
  const bool grouped = options.aggregation != Aggregation::kNone;
  if (grouped) tagger.Group();
  *result = tagger.Finish(input.text, grouped, options.keep_outside);
  return Status();
}

}  // namespace pbert
