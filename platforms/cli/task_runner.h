// run: tasks other than classification, answered as the reference's pipelines do.
#ifndef POCKETBERT_PLATFORMS_CLI_TASK_RUNNER_H_
#define POCKETBERT_PLATFORMS_CLI_TASK_RUNNER_H_

#include <cstdint>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "converter/evaluate/model_handle.h"
#include "platforms/cli/input.h"
#include "platforms/cli/json_output.h"

namespace pbert::cli {

struct TaskOptions {
  pbert_session_options session = PBERT_SESSION_OPTIONS;
  uint32_t top_k = 0;  // 0: the pipeline's default
  bool json = false;
  Json defaults = Json::object();  // options by the pipelines' names, that a request's own go before
};

// Throws Error if `request` has options that belong to another task than `task`, which is the reference's name of its
// pipeline, or empty for text classification: there is no answer that would do what they ask for.
void CheckTaskOptions(const Request& request, const std::string& task);

// Whether the checkpoint says which label means that the text entails the hypothesis, as zero-shot classification asks.
bool StatesEntailment(const converter::ModelHandle& model);

// Answers requests about one model by its task, or, with `candidate_labels`, by zero-shot classification. One thread at
// a time. Functions throw Error.
class TaskRunner {
 public:
  TaskRunner(const converter::ModelHandle& model, const TaskOptions& options);

  void Answer(size_t number, const Request& request);
  // GroupWork. Of embeddings several texts at once.
  void AnswerGroup(std::span<NumberedRequest> group, size_t* done);
  void Fail(const std::string& why);
  void Finish() const { truncation_.Finish(count_); }

 private:
  Json Tag(const Request& request, pbert_input input);
  Json AnswerQuestion(const Request& request, pbert_input input);
  // How the flags have texts pooled. Throws Error.
  pbert_pooling Pooling() const;
  bool Normalizes() const { return options_.defaults.value("normalize", false); }
  Json VectorsOf(const pbert_embedding& result);
  // Throws Error where the request's options are another task's. The input points into the request.
  pbert_input InputOf(const Request& request) const;
  void Print(const Json& answer);
  Json FillMask(const Request& request, const pbert_input& input);
  std::vector<int32_t> Targets(const Request& request);
  Json ZeroShot(const Request& request);

  Json Option(const Request& request, const char* name) const;
  uint32_t Count(const Request& request, const char* name) const;  // 0: not given
  bool Flag(const Request& request, const char* name, bool otherwise = false) const;
  uint32_t Limit() const;
  void PrintText(const Json& answer);
  void NoteTruncation();
  void NoteTruncation(bool truncated);
  // On standard error, each thing once.
  void Warn(const std::string& message);

  const converter::ModelHandle& model_;
  const TaskOptions& options_;
  converter::SessionHandle session_;
  size_t number_ = 0, count_ = 0, noted_ = 0;
  TruncationNotice truncation_;
  std::set<std::string> warnings_;
};

// What a request's option says where the pipelines take a list of strings. A string alone is a list of one, or, with
// `commas`, of what stands between its commas.
std::vector<std::string> StringList(const Json& value, const char* name, bool commas);

// An option as the C interface says it: null, not given, is its 0, and 0 its PBERT_NO_STRIDE. Throws Error.
uint32_t StrideOf(const Json& value, const char* name);

struct TextToken {
  int32_t id;
  uint32_t source;  // 0: a special token around the text
  std::string piece;
  pbert_extent extent;
};

// All tokens of a text, nothing cut.
std::vector<TextToken> Tokens(const pbert_model* model, const pbert_input& input);

}  // namespace pbert::cli

#endif  // POCKETBERT_PLATFORMS_CLI_TASK_RUNNER_H_
