// run: token classification.

#include "tasks/tag.h"

#include <algorithm>
#include <cctype>

#include "c_api/handles.h"
#include "converter/support/error.h"
#include "platforms/cli/decode.h"
#include "platforms/cli/task_runner.h"

namespace pbert::cli {
namespace {

using converter::Error;

pbert_aggregation ParseAggregation(const Json& value) {
  if (value.is_null()) return PBERT_AGGREGATE_NONE;
  std::string name = value.is_string() ? value.get<std::string>() : "";
  std::transform(name.begin(), name.end(), name.begin(), [](unsigned char c) { return std::tolower(c); });
  constexpr const char* kNames[] = {"none", "simple", "first", "average", "max"};
  for (int i = 0; i < 5; ++i) {
    if (name == kNames[i]) return static_cast<pbert_aggregation>(i);
  }
  throw Error("aggregation_strategy: it is none, simple, first, average or max");
}

// What the tokenizer does not know is shown as it stands in the text.
std::string WordOf(const pbert_model* model, const TextToken& token, const std::string& text) {
  if (!IsUnknown(model, token.id)) return token.piece;
  return text.substr(token.extent.begin_bytes, token.extent.end_bytes - token.extent.begin_bytes);
}

// The reference makes a string of an entity's tokens, but by "first", "average" and "max" one of each word's tokens and
// then of the words, as if these were tokens once more. So words have no space between them where the decoder finds one
// in its tokens alone.
std::string JoinEntity(const pbert_model* model, const std::vector<TextToken>& tokens, const std::string& text,
                       bool words) {
  std::vector<std::string> joined, word;
  for (const TextToken& token : tokens) {
    if (words && !word.empty() &&
        !ContinuesWord(model->tokenizer, text, token.id, token.extent.begin_bytes, token.extent.end_bytes)) {
      joined.push_back(JoinPieces(model, word));
      word.clear();
    }
    (words ? word : joined).push_back(WordOf(model, token, text));
  }
  if (!word.empty()) joined.push_back(JoinPieces(model, word));
  return JoinPieces(model, joined);
}

// Of entities that two windows found in one place the longer one is kept, and of two as long that with the better
// score.
Json WithoutOverlaps(const Json& found) {
  std::vector<Json> entities(found.begin(), found.end());
  const auto start = [](const Json& e) { return e["start"].get<uint32_t>(); };
  const auto end = [](const Json& e) { return e["end"].get<uint32_t>(); };
  std::stable_sort(entities.begin(), entities.end(), [&](const Json& a, const Json& b) { return start(a) < start(b); });
  Json kept = Json::array();
  for (const Json& entity : entities) {
    if (kept.empty() || start(entity) < start(kept.back()) || start(entity) >= end(kept.back())) {
      kept.push_back(entity);
      continue;
    }
    const uint32_t length = end(entity) - start(entity), other = end(kept.back()) - start(kept.back());
    if (length > other || (length == other && entity["score"].get<double>() > kept.back()["score"].get<double>())) {
      kept.back() = entity;
    }
  }
  return kept;
}

}  // namespace

// One window over a text, and what was found in all so far.
struct TaskRunner::Chunk {
  std::vector<TextToken> tokens;  // of the whole text
  std::vector<std::string> ignored;
  Json entities = Json::array();
  uint32_t size = 0;  // of the window, in tokens of the text
  bool last = true;
};

void TaskRunner::TagWindow(const Request& request, const pbert_input& input, pbert_aggregation aggregation,
                           Chunk* chunk) {
  pbert_entities result = PBERT_ENTITIES;
  converter::Require(pbert_tag_all(session_.get(), &input, aggregation, &result));
  chunk->last = result.truncated == 0;
  chunk->size = result.token_count -
                static_cast<uint32_t>(std::count_if(chunk->tokens.begin(), chunk->tokens.end(),
                                                    [](const TextToken& token) { return token.source == 0; }));
  for (uint32_t i = 0; i < result.count; ++i) {
    const pbert_entity& entity = result.entities[i];
    const std::string label = model_.label(entity.label);
    const std::string name = aggregation == PBERT_AGGREGATE_NONE ? label : std::string(GroupName(label));
    if (std::find(chunk->ignored.begin(), chunk->ignored.end(), name) != chunk->ignored.end()) continue;
    const size_t place =
        PlaceOfKept(model_.get(), entity.first_token, result.token_count, chunk->tokens.size(), input.skip_tokens);
    const auto first = chunk->tokens.begin() + static_cast<ptrdiff_t>(place);
    Json entry;
    if (aggregation == PBERT_AGGREGATE_NONE) {
      entry = {{"entity", name},
               {"score", Number(entity.score)},
               {"index", entity.first_token},
               {"word", WordOf(model_.get(), *first, request.text)}};
    } else {
      entry = {{"entity_group", name},
               {"score", Number(entity.score)},
               {"word", JoinEntity(model_.get(), {first, first + entity.token_count}, request.text,
                                   aggregation != PBERT_AGGREGATE_SIMPLE)}};
    }
    entry["start"] = entity.extent.begin_code_points;
    entry["end"] = entity.extent.end_code_points;
    chunk->entities.push_back(std::move(entry));
  }
}

// One window, or, with `stride`, so many that the whole text is seen; neighbours share that many tokens. They are laid
// from the side of the text that is kept, as the reference lays them: the last one is what is left over.
Json TaskRunner::Tag(const Request& request, pbert_input input) {
  const Json strategy = Option(request, "aggregation_strategy");
  const pbert_aggregation aggregation = ParseAggregation(strategy);
  const Json stride = Option(request, "stride"), ignored = Option(request, "ignore_labels");
  // Unlike other pipelines this one truncates unasked. More than that is seen only on demand.
  if (ForbidsCutting(request) || (input.max_tokens == 0 && options_.session.max_tokens != 0)) {
    input.max_tokens = Limit();
  }
  Chunk chunk;
  chunk.tokens = Tokens(model_.get(), input);
  if (ignored.is_null()) {
    chunk.ignored = {"O"};
  } else if (!ignored.is_array() || !ignored.empty()) {
    chunk.ignored = StringList(ignored, "ignore_labels", false);
  }
  if (stride.is_null()) {
    TagWindow(request, input, aggregation, &chunk);
    NoteTruncation();
    return chunk.entities;
  }
  const uint32_t shared = stride == 0 ? 0 : Count(request, "stride");
  if (!strategy.is_null() && aggregation == PBERT_AGGREGATE_NONE) {
    throw Error("stride: it needs an aggregation_strategy other than none");
  }
  for (uint32_t windows = 1;; ++windows) {
    TagWindow(request, input, aggregation, &chunk);
    if (chunk.last) return windows == 1 ? chunk.entities : WithoutOverlaps(chunk.entities);
    if (shared >= chunk.size) {
      throw Error("stride: it is " + std::to_string(shared) + ", and a window has room for only " +
                  std::to_string(chunk.size) + " tokens of the text");
    }
    input.skip_tokens += chunk.size - shared;
  }
}

}  // namespace pbert::cli
