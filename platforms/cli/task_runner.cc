#include "platforms/cli/task_runner.h"

#include <algorithm>
#include <cmath>

#include "c_api/handles.h"
#include "converter/support/error.h"
#include "platforms/cli/output.h"
#include "platforms/cli/table.h"

namespace pbert::cli {
namespace {

using converter::Error;
using converter::Require;

// Which options belong to which pipeline.
struct Owned {
  const char* option;
  const char* task;
};
constexpr char kTags[] = "token-classification", kAnswers[] = "question-answering", kFills[] = "fill-mask",
               kEmbeds[] = "feature-extraction", kZeroShot[] = "zero-shot-classification";
constexpr Owned kOwned[] = {{"aggregation_strategy", kTags},
                            {"ignore_labels", kTags},
                            {"stride", kTags},
                            {"doc_stride", kAnswers},
                            {"max_answer_len", kAnswers},
                            {"max_seq_len", kAnswers},
                            {"max_question_len", kAnswers},
                            {"handle_impossible_answer", kAnswers},
                            {"align_to_words", kAnswers},
                            {"targets", kFills},
                            {"candidate_labels", kZeroShot},
                            {"multi_label", kZeroShot},
                            {"hypothesis_template", kZeroShot}};

std::string TaskName(uint32_t task) {
  switch (task) {
    case PBERT_TOKEN_CLASSIFICATION:
      return kTags;
    case PBERT_QUESTION_ANSWERING:
      return kAnswers;
    case PBERT_FEATURE_EXTRACTION:
      return kEmbeds;
    case PBERT_FILL_MASK:
      return kFills;
    default:
      return kZeroShot;
  }
}

// Python's str.strip.
std::string Strip(const std::string& text) {
  constexpr char kSpace[] = " \t\n\v\f\r";
  const size_t begin = text.find_first_not_of(kSpace);
  return begin == std::string::npos ? "" : text.substr(begin, text.find_last_not_of(kSpace) + 1 - begin);
}

// The first values, how many there are, and the vector's length.
std::string DescribeVector(const Json& vector) {
  constexpr size_t kShown = 4;
  std::string line = "[";
  double squares = 0;
  for (size_t i = 0; i < vector.size(); ++i) {
    const double value = vector[i].is_number() ? vector[i].get<double>() : NAN;
    squares += value * value;
    if (i < kShown) line += (i == 0 ? "" : ", ") + Format("%.4f", value);
  }
  return line + (vector.size() > kShown ? ", ..." : "") +
         Format("]  %zu values, norm %.4f", vector.size(), std::sqrt(squares));
}

// Scores with four decimals, as everywhere where people read them.
std::string Shown(const Json& value) {
  return value.is_string() ? OneLine(value.get<std::string>(), SIZE_MAX) : Format("%.4f", value.get<double>());
}

}  // namespace

void CheckTaskOptions(const Request& request, const std::string& task) {
  if (request.function_to_apply && !task.empty()) throw Error("function_to_apply: it is for text-classification");
  if (request.asks && task != kAnswers) {
    throw Error("question, context: they are for " + std::string(kAnswers) + ", and this is " +
                (task.empty() ? "text-classification" : task));
  }
  for (const auto& [name, value] : request.task_options.items()) {
    for (const Owned& owned : kOwned) {
      if (name == owned.option && task != owned.task) {
        throw Error(name + ": it is for " + owned.task + ", and this is " +
                    (task.empty() ? "text-classification" : task));
      }
    }
  }
}

std::vector<std::string> StringList(const Json& value, const char* name, bool commas) {
  std::vector<std::string> list;
  if (value.is_string() && !commas) {
    list.push_back(value.get<std::string>());
  } else if (value.is_string()) {
    const std::string text = value.get<std::string>();
    for (size_t at = 0; at <= text.size();) {
      const size_t end = std::min(text.find(',', at), text.size());
      if (const std::string part = Strip(text.substr(at, end - at)); !part.empty()) list.push_back(part);
      at = end + 1;
    }
  } else if (value.is_array() &&
             std::all_of(value.begin(), value.end(), [](const Json& entry) { return entry.is_string(); })) {
    list = value.get<std::vector<std::string>>();
  }
  if (list.empty()) throw Error(std::string(name) + ": it is a list of at least one string");
  return list;
}

uint32_t StrideOf(const Json& value, const char* name) {
  return value.is_null() ? 0 : value == 0 ? PBERT_NO_STRIDE : CountOf(value, name);
}

std::vector<TextToken> Tokens(const pbert_model* model, const pbert_input& input) {
  std::vector<TextToken> tokens;
  const auto keep = [](void* context, const pbert_token* token) {
    static_cast<std::vector<TextToken>*>(context)->push_back(
        {token->id, token->source, std::string(token->piece, token->piece_size), token->extent});
    return 0;
  };
  converter::Require(pbert_tokenize(model, &input, keep, &tokens));
  return tokens;
}

TaskRunner::TaskRunner(const converter::ModelHandle& model, const TaskOptions& options)
    : model_(model), options_(options), session_(model.NewSession(options.session)) {}

Json TaskRunner::Option(const Request& request, const char* name) const {
  if (const auto own = request.task_options.find(name); own != request.task_options.end()) return *own;
  return options_.defaults.value(name, Json());
}

uint32_t TaskRunner::Count(const Request& request, const char* name) const {
  const Json value = Option(request, name);
  return value.is_null() ? 0 : CountOf(value, name);
}

bool TaskRunner::Flag(const Request& request, const char* name, bool otherwise) const {
  const Json value = Option(request, name);
  if (value.is_null()) return otherwise;
  if (!value.is_boolean()) throw Error(std::string(name) + ": it is true or false");
  return value == true;
}

uint32_t TaskRunner::Limit() const {
  return options_.session.max_tokens == 0 ? model_.info().max_tokens
                                          : std::min(options_.session.max_tokens, model_.info().max_tokens);
}

// A text that is asked about several times, as zero-shot does, is one text.
void TaskRunner::NoteTruncation() {
  uint32_t truncated = 0;
  Require(pbert_last_tokens(session_.get(), nullptr, nullptr, &truncated));
  NoteTruncation(truncated != 0);
}

void TaskRunner::NoteTruncation(bool truncated) {
  if (!truncated || noted_ == number_) return;
  noted_ = number_;
  uint32_t count = 0;
  Require(pbert_last_tokens(session_.get(), nullptr, &count, nullptr));
  truncation_.Add(number_, count);
}

void TaskRunner::Warn(const std::string& message) {
  if (warnings_.insert(message).second) Complain(CommandName(), message);
}

pbert_input TaskRunner::InputOf(const Request& request) const {
  CheckTaskOptions(request, TaskName(model_.info().task));
  const std::string_view pair = request.pair ? std::string_view(*request.pair) : std::string_view();
  pbert_input input = converter::MakeInput(request.text, request.pair ? &pair : nullptr,
                                           std::min(CutAt(request, model_.info().truncation_tokens), Limit()));
  input.truncation = WhatIsCut(request);
  if (model_.info().task == PBERT_FEATURE_EXTRACTION) input.stride = StrideOf(Option(request, "stride"), "stride");
  return input;
}

void TaskRunner::Answer(size_t number, const Request& request) {
  number_ = number;
  ++count_;
  const pbert_input input = InputOf(request);
  switch (model_.info().task) {
    case PBERT_TOKEN_CLASSIFICATION:
      return Print(Tag(request, input));
    case PBERT_QUESTION_ANSWERING:
      return Print(AnswerQuestion(request, input));
    case PBERT_FEATURE_EXTRACTION: {
      pbert_embedding result = PBERT_EMBEDDING;
      converter::Require(pbert_embed(session_.get(), &input, Pooling(), Normalizes() ? 1 : 0, &result));
      return Print(VectorsOf(result));
    }
    case PBERT_FILL_MASK:
      return Print(FillMask(request, input));
    default:
      return Print(ZeroShot(request));
  }
}

void TaskRunner::AnswerGroup(std::span<NumberedRequest> group, size_t* done) {
  if (model_.info().task != PBERT_FEATURE_EXTRACTION || group.size() == 1) {
    Answer(group[0].number, group[0].request);
    ++*done;
    return;
  }
  std::vector<pbert_input> inputs;
  for (const NumberedRequest& one : group) {
    try {
      inputs.push_back(InputOf(one.request));
    } catch (const Error&) {
      if (!inputs.empty()) break;  // its turn comes behind those before it
      ++count_;
      throw;
    }
  }
  const auto print = [&](size_t index, const pbert_embedding& result) {
    number_ = group[index].number;
    ++count_;
    Print(VectorsOf(result));
    ++*done;
  };
  const size_t before = *done;
  try {
    converter::EmbedBatch(session_.get(), inputs, print, Pooling(), Normalizes());
  } catch (const Error&) {
    if (*done - before < inputs.size()) ++count_;  // the one that failed counts too
    throw;
  }
}

void TaskRunner::Print(const Json& answer) {
  if (options_.json) {
    Out().WriteExactLine(Dump(answer));
  } else {
    PrintText(answer);
  }
  Out().Flush();
}

void TaskRunner::Fail(const std::string& why) {
  if (options_.json) {
    Out().WriteExactLine(Dump({{"error", why}}));
  } else {
    Out().WriteLine("error: " + OneLine(why, SIZE_MAX));
  }
  Out().Flush();
}

// One answer a line: its text, then what it is, then the score.
void TaskRunner::PrintText(const Json& answer) {
  if (answer.is_object() && answer.contains("sequence") && answer.contains("labels")) {
    for (size_t i = 0; i < answer["labels"].size(); ++i) {
      Out().WriteLine(Shown(answer["labels"][i]) + "  " + Shown(answer["scores"][i]));
    }
    return;
  }
  if (answer.is_array() && !answer.empty() && answer[0].is_array()) {
    for (const Json& entry : answer) {
      if (!entry.empty() && entry[0].is_object()) {
        PrintText(entry);
      } else {
        for (const Json& row : entry) Out().WriteLine(DescribeVector(row));
      }
    }
    return;
  }
  if (answer.is_array() && !answer.empty() && !answer[0].is_object()) {
    Out().WriteLine(DescribeVector(answer));
    return;
  }
  for (const Json& entry : answer.is_array() ? answer : Json::array({answer})) {
    std::string line;
    for (const char* key : {"answer", "word", "entity_group", "entity", "sequence", "score"}) {
      if (!entry.contains(key)) continue;
      const bool nothing = entry[key] == "" && key == std::string_view("answer");
      line += (line.empty() ? "" : "  ") + (nothing ? "(no answer)" : Shown(entry[key]));
    }
    Out().WriteLine(line);
  }
}

Json TaskRunner::AnswerQuestion(const Request& request, pbert_input input) {
  if (!request.pair)
    throw Error("context: it is missing: give it as --context, or with the question as JSON (--input jsonl)");
  if (request.text.empty()) throw Error("question: it is empty");
  if (request.pair->empty()) throw Error("context: it is empty");
  pbert_answer_options options = PBERT_ANSWER_OPTIONS;
  options.top_k = request.top_k.value_or(options_.top_k);
  options.doc_stride = StrideOf(Option(request, "doc_stride"), "doc_stride");
  options.max_answer_tokens = Count(request, "max_answer_len");
  options.allow_none = Flag(request, "handle_impossible_answer") ? 1 : 0;
  options.part_words = Flag(request, "align_to_words", true) ? 0 : 1;
  (void)Count(request, "max_question_len");  // the reference reads it for slow tokenizers only
  if (const uint32_t window = Count(request, "max_seq_len"); window != 0) {
    input.max_tokens = std::min(window, Limit());
  }
  pbert_answer_span spans[64];
  uint32_t count = 0;
  converter::Require(pbert_answer(session_.get(), &input, &options, spans, 64, &count));
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
pbert_pooling TaskRunner::Pooling() const {
  const bool pools = model_.info().pooling != PBERT_POOL_TOKENS;
  const Json pooling = options_.defaults.value("pooling", Json(pools ? "model" : "tokens"));
  constexpr const char* kNames[] = {"tokens", "cls", "mean", "max", "model"};
  const auto* name = std::find(std::begin(kNames), std::end(kNames), pooling.get<std::string>());
  if (name == std::end(kNames)) throw Error("pooling: it is tokens, cls, mean, max or model");
  return static_cast<pbert_pooling>(name - kNames);
}

Json TaskRunner::VectorsOf(const pbert_embedding& result) {
  NoteTruncation();
  Json rows = Json::array();
  for (uint32_t row = 0; row < result.rows; ++row) {
    Json values = Json::array();
    for (uint32_t i = 0; i < result.columns; ++i) values.push_back(Number(result.values[row * result.columns + i]));
    rows.push_back(std::move(values));
  }
  if (Pooling() != PBERT_POOL_TOKENS) return rows[0];
  return Json::array({std::move(rows)});
}

}  // namespace pbert::cli
