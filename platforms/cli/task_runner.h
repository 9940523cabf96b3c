// run: tasks other than classification, answered as the reference's pipelines do.
#ifndef POCKETBERT_PLATFORMS_CLI_TASK_RUNNER_H_
#define POCKETBERT_PLATFORMS_CLI_TASK_RUNNER_H_

#include <cstdint>
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

// Answers requests about one model by its task, or, with `candidate_labels`, by zero-shot classification. One thread at
// a time. Functions throw Error.
class TaskRunner {
 public:
  TaskRunner(const ModelHandle& model, const TaskOptions& options);

  void Answer(size_t number, const Request& request);
  void Fail(const std::string& why);
  void Finish() const { truncation_.Finish(count_); }

 private:
  Json Tag(const Request& request, const pbert_input& input);
  Json AnswerQuestion(const Request& request, pbert_input input);
  Json Embed(const pbert_input& input);
  Json FillMask(const Request& request, const pbert_input& input);
  Json ZeroShot(const Request& request);

  Json Option(const Request& request, const char* name) const;
  uint32_t Count(const Request& request, const char* name) const;  // 0: not given
  bool Flag(const Request& request, const char* name) const;
  int32_t TargetId(const std::string& target) const;
  void PrintText(const Json& answer);

  const ModelHandle& model_;
  const TaskOptions& options_;
  SessionHandle session_;
  size_t number_ = 0, count_ = 0;
  TruncationNotice truncation_;
};

}  // namespace pbert::cli

#endif  // POCKETBERT_PLATFORMS_CLI_TASK_RUNNER_H_
