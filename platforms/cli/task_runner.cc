#include "platforms/cli/task_runner.h"

#include <algorithm>
#include <cctype>
#include <cmath>

#include "converter/error.h"
#include "platforms/cli/decode.h"
#include "platforms/cli/output.h"

namespace pbert::cli {
namespace {

struct TextToken {
  int32_t id;
  std::string piece;
  pbert_extent extent;
};

std::vector<TextToken> Tokens(const pbert_model* model, const pbert_input& input) {
  std::vector<TextToken> tokens;
  const auto keep = [](void* context, const pbert_token* token) {
    static_cast<std::vector<TextToken>*>(context)->push_back(
        {token->id, std::string(token->piece, token->piece_size), token->extent});
    return 0;
  };
  Require(pbert_tokenize(model, &input, keep, &tokens));
  return tokens;
}

std::string GroupName(const std::string& label) {
  return label.starts_with("B-") || label.starts_with("I-") ? label.substr(2) : label;
}

pbert_aggregation ParseAggregation(const Json& value) {
  if (value.is_null()) return PBERT_AGGREGATE_NONE;
  constexpr const char* kNames[] = {"none", "simple", "first", "average", "max"};
  for (int i = 0; i < 5; ++i) {
    if (value == kNames[i]) return static_cast<pbert_aggregation>(i);
  }
  throw Error("aggregation_strategy: it is none, simple, first, average or max");
}

std::vector<std::string> StringList(const Json& value, const char* name) {
  std::vector<std::string> list;
  if (value.is_string()) {
    std::string text = value.get<std::string>();
    for (size_t at = 0; at <= text.size();) {
      const size_t end = std::min(text.find(',', at), text.size());
      std::string part = text.substr(at, end - at);
      part.erase(0, part.find_first_not_of(' '));
      part.erase(part.find_last_not_of(' ') + 1);
      if (!part.empty()) list.push_back(part);
      at = end + 1;
    }
  } else if (value.is_array() &&
             std::all_of(value.begin(), value.end(), [](const Json& entry) { return entry.is_string(); })) {
    list = value.get<std::vector<std::string>>();
  }
  if (list.empty()) throw Error(std::string(name) + ": it is a list of at least one string");
  return list;
}

}  // namespace

TaskRunner::TaskRunner(const ModelHandle& model, const TaskOptions& options)
    : model_(model), options_(options), session_(model.NewSession(options.session)) {}

Json TaskRunner::Option(const Request& request, const char* name) const {
  if (const auto own = request.task_options.find(name); own != request.task_options.end()) return *own;
  return options_.defaults.value(name, Json());
}

uint32_t TaskRunner::Count(const Request& request, const char* name) const {
  const Json value = Option(request, name);
  if (value.is_null()) return 0;
  if (!value.is_number_integer() || value.get<int64_t>() < 1 || value.get<int64_t>() > INT32_MAX) {
    throw Error(std::string(name) + ": it is an integer of at least 1");
  }
  return value.get<uint32_t>();
}

bool TaskRunner::Flag(const Request& request, const char* name) const {
  const Json value = Option(request, name);
  if (!value.is_null() && !value.is_boolean()) throw Error(std::string(name) + ": it is true or false");
  return value == true;
}

void TaskRunner::Answer(size_t number, const Request& request) {
  number_ = number;
  ++count_;
  const uint32_t limit = options_.session.max_tokens == 0
                             ? model_.info().max_tokens
                             : std::min(options_.session.max_tokens, model_.info().max_tokens);
  const std::string_view pair = request.pair ? std::string_view(*request.pair) : std::string_view();
  const pbert_input input =
      MakeInput(request.text, request.pair ? &pair : nullptr, std::min(request.max_tokens, limit));
  Json answer;
  switch (model_.info().task) {
    case PBERT_TOKEN_CLASSIFICATION:
      answer = Tag(request, input);
      break;
    case PBERT_QUESTION_ANSWERING:
      answer = AnswerQuestion(request, input);
      break;
    case PBERT_FEATURE_EXTRACTION:
      answer = Embed(input);
      break;
    case PBERT_FILL_MASK:
      answer = FillMask(request, input);
      break;
    default:
      answer = ZeroShot(request);
  }
  if (options_.json) {
    Out().WriteLine(Dump(answer));
  } else {
    PrintText(answer);
  }
  Out().Flush();
}

void TaskRunner::Fail(const std::string& why) {
  Out().WriteLine(options_.json ? Dump({{"error", why}}) : "error: " + why);
  Out().Flush();
}

// One answer a line: its text, then what it is, then the score.
void TaskRunner::PrintText(const Json& answer) {
  if (answer.is_object() && answer.contains("sequence") && answer.contains("labels")) {
    for (size_t i = 0; i < answer["labels"].size(); ++i) {
      Out().WriteLine(answer["labels"][i].get<std::string>() + " " + Dump(answer["scores"][i]));
    }
    return;
  }
  if (answer.is_array() && !answer.empty() && answer[0].is_array()) {
    for (const Json& entry : answer) {
      if (!entry.empty() && entry[0].is_object()) {
        PrintText(entry);
      } else {
        Out().WriteLine(Dump(entry));
      }
    }
    return;
  }
  for (const Json& entry : answer.is_array() ? answer : Json::array({answer})) {
    std::string line;
    for (const char* key : {"answer", "word", "entity_group", "entity", "sequence", "score"}) {
      if (!entry.contains(key)) continue;
      line += (line.empty() ? "" : "  ") + (entry[key].is_string() ? entry[key].get<std::string>() : Dump(entry[key]));
    }
    Out().WriteLine(line);
  }
}

Json TaskRunner::Tag(const Request& request, const pbert_input& input) {
  const pbert_aggregation aggregation = ParseAggregation(Option(request, "aggregation_strategy"));
  pbert_entities result = PBERT_ENTITIES;
  Require(pbert_tag(session_.get(), &input, aggregation, &result));
  if (result.truncated != 0) truncation_.Add(number_, result.token_count);
  const std::vector<TextToken> tokens = Tokens(model_.get(), input);
  // What the tokenizer does not know is shown as it stands in the text.
  const auto word = [&](uint32_t i) {
    const TextToken& token = tokens[PlaceOfKept(model_.get(), i, result.token_count, tokens.size())];
    const size_t begin = token.extent.begin_bytes;
    const bool unknown = IsUnknown(model_.get(), token.id) && token.extent.end_bytes > begin;
    return unknown ? request.text.substr(begin, token.extent.end_bytes - begin) : token.piece;
  };
  Json list = Json::array();
  for (uint32_t i = 0; i < result.count; ++i) {
    const pbert_entity& entity = result.entities[i];
    const std::string& label = model_.labels()[entity.label];
    Json entry;
    if (aggregation == PBERT_AGGREGATE_NONE) {
      entry = {{"entity", label},
               {"score", Number(entity.score)},
               {"index", entity.first_token},
               {"word", word(entity.first_token)}};
    } else {
      std::vector<std::string> words;
      for (uint32_t t = 0; t < entity.token_count; ++t) words.push_back(word(entity.first_token + t));
      // The reference joins pieces to words first, except by "simple", and words then once more.
      if (aggregation != PBERT_AGGREGATE_SIMPLE) words = JoinWords(model_.get(), words);
      entry = {{"entity_group", GroupName(label)},
               {"score", Number(entity.score)},
               {"word", JoinPieces(model_.get(), words)}};
    }
    entry["start"] = entity.extent.begin_code_points;
    entry["end"] = entity.extent.end_code_points;
    list.push_back(std::move(entry));
  }
  return list;
}

Json TaskRunner::AnswerQuestion(const Request& request, pbert_input input) {
  if (!request.pair) throw Error("context: it is missing");
  pbert_answer_options options = PBERT_ANSWER_OPTIONS;
  options.top_k = request.top_k.value_or(options_.top_k);
  options.doc_stride = Count(request, "doc_stride");
  options.max_answer_tokens = Count(request, "max_answer_len");
  options.allow_none = Flag(request, "handle_impossible_answer") ? 1 : 0;
  (void)Count(request, "max_question_len");  // the reference reads it for slow tokenizers only
  if (const uint32_t window = Count(request, "max_seq_len"); window != 0) {
    input.max_tokens =
        std::min(window, options_.session.max_tokens == 0 ? model_.info().max_tokens : options_.session.max_tokens);
  }
  pbert_answer_span spans[64];
  uint32_t count = 0;
  Require(pbert_answer(session_.get(), &input, &options, spans, 64, &count));
  Json list = Json::array();
  for (uint32_t i = 0; i < count; ++i) {
    const pbert_extent& extent = spans[i].extent;
    list.push_back({{"score", Number(spans[i].score)},
                    {"start", extent.begin_code_points},
                    {"end", extent.end_code_points},
                    {"answer", request.pair->substr(extent.begin_bytes, extent.end_bytes - extent.begin_bytes)}});
  }
  return list.size() == 1 ? list[0] : list;
}

// As the pipeline: hidden states for each token, unless the file is a sentence-transformer, whose answer is its vector.
Json TaskRunner::Embed(const pbert_input& input) {
  pbert_embedding result = PBERT_EMBEDDING;
  const Json pooling = options_.defaults.value("pooling", Json("tokens"));
  constexpr const char* kNames[] = {"tokens", "cls", "mean", "max", "model"};
  const auto* name = std::find(std::begin(kNames), std::end(kNames), pooling.get<std::string>());
  if (name == std::end(kNames)) throw Error("pooling: it is tokens, cls, mean, max or model");
  Require(pbert_embed(session_.get(), &input, static_cast<pbert_pooling>(name - kNames),
                      options_.defaults.value("normalize", false) ? 1 : 0, &result));
  if (result.truncated != 0) truncation_.Add(number_, options_.session.max_tokens);
  Json rows = Json::array();
  for (uint32_t row = 0; row < result.rows; ++row) {
    Json values = Json::array();
    for (uint32_t i = 0; i < result.columns; ++i) values.push_back(Number(result.values[row * result.columns + i]));
    rows.push_back(std::move(values));
  }
  if (pooling != "tokens") return rows[0];
  return Json::array({std::move(rows)});
}

// A target is a piece of the vocabulary, or else its first token is taken, as the reference does.
int32_t TaskRunner::TargetId(const std::string& target) const {
  const int32_t id = pbert_piece_id(model_.get(), target.data(), target.size());
  if (id >= 0) return id;
  for (const TextToken& token : Tokens(model_.get(), MakeInput(target, nullptr))) {
    if (token.extent.end_bytes > token.extent.begin_bytes) return token.id;
  }
  throw Error("targets: \"" + target + "\" has no token");
}

Json TaskRunner::FillMask(const Request& request, const pbert_input& input) {
  std::vector<int32_t> targets;
  if (const Json given = Option(request, "targets"); !given.is_null()) {
    for (const std::string& target : StringList(given, "targets")) {
      const int32_t id = TargetId(target);
      if (std::find(targets.begin(), targets.end(), id) == targets.end()) targets.push_back(id);
    }
  }
  uint32_t top_k = request.top_k.value_or(options_.top_k);
  if (top_k == 0) top_k = 5;
  const auto target_count = static_cast<uint32_t>(targets.size());
  const uint32_t pieces = std::min(top_k, target_count == 0 ? model_.info().vocabulary_size : target_count);
  std::vector<pbert_fill> fills(size_t{model_.info().max_tokens} * pieces);
  uint32_t count = 0;
  Require(pbert_fill_mask(session_.get(), &input, top_k, targets.data(), target_count, fills.data(),
                          static_cast<uint32_t>(fills.size()), &count));
  fills.resize(count);
  std::vector<TextToken> tokens = Tokens(model_.get(), input);
  const bool single = fills.empty() || fills.front().token == fills.back().token;
  Json masks = Json::array();
  for (size_t i = 0; i < fills.size(); ++i) {
    const pbert_fill& fill = fills[i];
    if (i == 0 || fill.token != fills[i - 1].token) masks.push_back(Json::array());
    std::vector<int32_t> sequence;
    for (uint32_t t = 0; t < tokens.size(); ++t) {
      const int32_t id = t == fill.token ? fill.id : tokens[t].id;
      if (!single || !IsSpecial(model_.get(), id)) sequence.push_back(id);
    }
    masks.back().push_back({{"score", Number(fill.score)},
                            {"token", fill.id},
                            {"token_str", Decode(model_.get(), {fill.id})},
                            {"sequence", Decode(model_.get(), sequence)}});
  }
  return single ? masks[0] : masks;
}

// Each label becomes a hypothesis, and the text the premise, of an entailment model.
Json TaskRunner::ZeroShot(const Request& request) {
  const std::vector<std::string> labels = StringList(Option(request, "candidate_labels"), "candidate_labels");
  const Json given = Option(request, "hypothesis_template");
  const std::string pattern = given.is_string() ? given.get<std::string>() : "This example is {}.";
  const size_t hole = pattern.find("{}");
  if (hole == std::string::npos) throw Error("hypothesis_template: it has no {} for the label");
  const auto& names = model_.labels();
  const auto entails = std::find_if(names.begin(), names.end(), [](std::string name) {
    std::transform(name.begin(), name.end(), name.begin(), [](unsigned char c) { return std::tolower(c); });
    return name.starts_with("entail");
  });
  const size_t entailment = entails == names.end() ? names.size() - 1 : static_cast<size_t>(entails - names.begin());
  const size_t contradiction = entailment == 0 ? names.size() - 1 : 0;
  const bool alone = Flag(request, "multi_label") || labels.size() == 1;

  std::vector<double> scores;
  for (const std::string& label : labels) {
    const std::string hypothesis = pattern.substr(0, hole) + label + pattern.substr(hole + 2);
    const std::string_view pair = hypothesis;
    const pbert_input input = MakeInput(request.text, &pair);
    pbert_classification result = PBERT_CLASSIFICATION;
    Require(pbert_classify(session_.get(), &input, &result));
    const double yes = result.logits[entailment], no = result.logits[contradiction];
    scores.push_back(alone ? 1 / (1 + std::exp(no - yes)) : yes);
  }
  if (!alone) {
    const double highest = *std::max_element(scores.begin(), scores.end());
    double sum = 0;
    for (double& score : scores) sum += score = std::exp(score - highest);
    for (double& score : scores) score /= sum;
  }
  std::vector<size_t> order(labels.size());
  for (size_t i = 0; i < order.size(); ++i) order[i] = i;
  std::stable_sort(order.begin(), order.end(), [&](size_t a, size_t b) { return scores[a] > scores[b]; });
  Json answer = {{"sequence", request.text}, {"labels", Json::array()}, {"scores", Json::array()}};
  for (const size_t i : order) {
    answer["labels"].push_back(labels[i]);
    answer["scores"].push_back(Number(static_cast<float>(scores[i])));
  }
  return answer;
}

}  // namespace pbert::cli
