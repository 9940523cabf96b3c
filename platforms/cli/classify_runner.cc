#include "platforms/cli/classify_runner.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <span>

#include "base/rank.h"
#include "converter/support/error.h"
#include "platforms/cli/command_line.h"
#include "platforms/cli/json_output.h"
#include "platforms/cli/output.h"

namespace pbert::cli {
namespace {

constexpr char kNotUnderstood[] = "not understood";

// Whoever writes a line and waits for its answer gets it at once.
void PrintLine(const std::string& line) {
  Out().WriteLine(OneLine(line, SIZE_MAX));
  Out().Flush();
}
void PrintLine(const Json& json) {
  Out().WriteExactLine(Dump(json));
  Out().Flush();
}

// What the model's own scores would be had it another problem type, as the pipelines' `function_to_apply` has it.
std::vector<pbert_label_score> Apply(const std::string& function, std::span<const float> logits) {
  std::vector<pbert_label_score> scores;
  const float largest = *std::max_element(logits.begin(), logits.end());
  double sum = 0;
  for (const float logit : logits) sum += std::exp(static_cast<double>(logit - largest));
  for (uint32_t i = 0; i < logits.size(); ++i) {
    const double x = logits[i];
    const double score = function == "softmax"   ? std::exp(x - largest) / sum
                         : function == "sigmoid" ? 1 / (1 + std::exp(-x))
                                                 : x;
    scores.push_back({i, static_cast<float>(score)});
  }
  std::sort(scores.begin(), scores.end(), [](const auto& a, const auto& b) {
    return Rank(a.score) != Rank(b.score) ? Rank(a.score) > Rank(b.score) : a.label < b.label;
  });
  return scores;
}

}  // namespace

ClassifyRunner::ClassifyRunner(const converter::ModelHandle& model, const ClassifyOptions& options,
                               const TaskOptions& task)
    : model_(model),
      options_(options),
      task_(task),
      table_("llrr", {"sentence", "intent", "confidence", "milliseconds"}) {
  pbert_session_options session = PBERT_SESSION_OPTIONS;
  session.max_tokens = options.max_tokens;
  session.threads = options.threads;
  session.backend = ParseBackend(options.backend);
  session_ = model.NewSession(session);
  limit_ = options.max_tokens == 0 ? model.info().max_tokens : std::min(options.max_tokens, model.info().max_tokens);
}

bool ClassifyRunner::IsZeroShot(const Request& request) const {
  return request.task_options.contains("candidate_labels") || task_.defaults.contains("candidate_labels");
}

pbert_input ClassifyRunner::InputOf(const Request& request) const {
  CheckTaskOptions(request, "");
  const std::string_view pair = request.pair ? std::string_view(*request.pair) : std::string_view();
  pbert_input input = converter::MakeInput(request.text, request.pair ? &pair : nullptr,
                                           std::min(CutAt(request, model_.info().truncation_tokens), limit_));
  input.truncation = WhatIsCut(request);
  input.stride = StrideOf(task_.defaults.value("stride", Json()), "stride");
  return input;
}

void ClassifyRunner::Answer(size_t number, const Request& request) {
  if (IsZeroShot(request)) {
    if (!zero_shot_) zero_shot_.emplace(model_, task_);
    return zero_shot_->Answer(number, request);
  }
  const pbert_input input = InputOf(request);
  pbert_classification answer = PBERT_CLASSIFICATION;
  if (options_.table && count_ == 0) {
    // The first run touches the model's pages; the table is to show what every further text takes.
    converter::Require(pbert_classify(session_.get(), &input, &answer));
  }
  const auto start = std::chrono::steady_clock::now();
  converter::Require(pbert_classify(session_.get(), &input, &answer));
  const std::chrono::duration<double, std::milli> time = std::chrono::steady_clock::now() - start;
  Print(number, request, answer, time.count());
}

void ClassifyRunner::AnswerGroup(std::span<NumberedRequest> group, size_t* done) {
  if (options_.table || group.size() == 1 || IsZeroShot(group[0].request)) {
    Answer(group[0].number, group[0].request);
    ++*done;
    return;
  }
  std::vector<pbert_input> inputs;
  for (const NumberedRequest& one : group) {
    if (IsZeroShot(one.request)) break;
    try {
      inputs.push_back(InputOf(one.request));
    } catch (const converter::Error&) {
      if (inputs.empty()) throw;
      break;  // its turn comes behind those before it
    }
  }
  converter::ClassifyBatch(session_.get(), inputs, [&](size_t index, const pbert_classification& answer) {
    Print(group[index].number, group[index].request, answer, 0);
    ++*done;
  });
}

void ClassifyRunner::Print(size_t number, const Request& request, const pbert_classification& answer,
                           double milliseconds) {
  ++count_;
  const uint32_t cut_at = std::min(CutAt(request, model_.info().truncation_tokens), limit_);
  if (WhatIsCut(request) == PBERT_ONLY_FIRST && cut_at != 0 && answer.token_count > cut_at) {
    throw converter::Error("truncation: longer than " + std::to_string(cut_at) +
                           " tokens, and cutting the first text alone does not help");
  }
  if (answer.truncated != 0) truncation_.Add(number, answer.token_count);

  const std::string function = request.function_to_apply.value_or(options_.function_to_apply);
  Scores scores = function.empty() ? Scores(answer.labels, answer.labels + answer.count)
                                   : Apply(function, {answer.logits, answer.count});
  const bool top_k_given = request.top_k.has_value() || options_.top_k_given;
  const uint32_t top_k = request.top_k.value_or(options_.top_k);
  if (top_k != ClassifyOptions::kAll && top_k < scores.size()) scores.resize(top_k);

  if (options_.table) {
    AddRow(request, answer, milliseconds);
  } else if (options_.json) {
    // The reference's pipeline answers a pair with a bare object where no top_k was asked for.
    PrintJson(scores, answer, request.pair.has_value() && !top_k_given);
  } else {
    PrintText(scores, answer.rejected != 0);
  }
}

void ClassifyRunner::Fail(const std::string& why) {
  if (options_.json) return PrintLine(Json{{"error", why}});
  PrintLine("error: " + why);
}

void ClassifyRunner::Finish() {
  if (options_.table) Out().Write(table_.Print());
  truncation_.Finish(count_);
  if (zero_shot_) zero_shot_->Finish();
}

std::string ClassifyRunner::Label(const pbert_label_score& score) const { return model_.label(score.label); }

void ClassifyRunner::AddRow(const Request& request, const pbert_classification& answer, double milliseconds) {
  constexpr size_t kSentenceColumns = 64;
  const bool rejected = options_.reject && answer.rejected != 0;
  table_.Add({OneLine(request.pair ? request.text + " | " + *request.pair : request.text, kSentenceColumns),
              rejected ? kNotUnderstood : Label(answer.labels[0]), Format("%.4f", answer.labels[0].score),
              Format("%.2f", milliseconds)});
}

void ClassifyRunner::PrintJson(const Scores& scores, const pbert_classification& found, bool bare) {
  Json list = Json::array();
  for (const pbert_label_score& score : scores)
    list.push_back({{"label", Label(score)}, {"score", Number(score.score)}});
  Json answer = bare ? list[0] : list;
  if (options_.reject) {
    answer = {{"rejected", found.rejected != 0}, {"understood", Number(found.understood)}, {"answer", answer}};
  }
  PrintLine(answer);
}

void ClassifyRunner::PrintText(const Scores& scores, bool rejected) {
  std::string line;
  for (const pbert_label_score& score : scores) {
    line += (line.empty() ? "" : ", ") + Label(score) + Format(" %.4f", score.score);
  }
  PrintLine(options_.reject && rejected ? std::string(kNotUnderstood) + " (" + line + ")" : line);
}

}  // namespace pbert::cli
