// run: text classification, answered as the reference's pipeline does, or as a table for people.
#ifndef POCKETBERT_PLATFORMS_CLI_CLASSIFY_RUNNER_H_
#define POCKETBERT_PLATFORMS_CLI_CLASSIFY_RUNNER_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "converter/evaluate/model_handle.h"
#include "platforms/cli/input.h"
#include "platforms/cli/table.h"
#include "platforms/cli/task_runner.h"

namespace pbert::cli {

struct ClassifyOptions {
  static constexpr uint32_t kAll = 0;

  uint32_t top_k = 1;
  bool top_k_given = false;
  uint32_t max_tokens = 0, threads = 1;
  std::string backend = "auto", function_to_apply;
  bool json = false, raw = false, reject = false, table = false;
};

// One model asked about one text after another, and what is printed about each. One thread at a time. Functions throw
// Error.
class ClassifyRunner {
 public:
  // A request with candidate labels goes to a TaskRunner with `task`.
  ClassifyRunner(const converter::ModelHandle& model, const ClassifyOptions& options, const TaskOptions& task);

  void Answer(size_t number, const Request& request);
  // GroupWork. Several texts at once, unless the table is to say how long each takes.
  void AnswerGroup(std::span<NumberedRequest> group, size_t* done);
  void Fail(const std::string& why);
  void Finish();

 private:
  using Scores = std::vector<pbert_label_score>;  // highest first

  bool IsZeroShot(const Request& request) const;
  // Throws Error where the request's options are none of this task's. The input points into the request.
  pbert_input InputOf(const Request& request) const;
  void Print(size_t number, const Request& request, const pbert_classification& answer, double milliseconds);
  std::string Label(const pbert_label_score& score) const;
  void AddRow(const Request& request, const pbert_classification& answer, double milliseconds);
  void PrintJson(const Scores& scores, const pbert_classification& found, bool bare);
  void PrintText(const Scores& scores, bool rejected);

  const converter::ModelHandle& model_;
  const ClassifyOptions& options_;
  const TaskOptions& task_;
  std::optional<TaskRunner> zero_shot_;
  converter::SessionHandle session_;
  uint32_t limit_ = 0;
  size_t count_ = 0;
  Table table_;
  TruncationNotice truncation_;
};

}  // namespace pbert::cli

#endif  // POCKETBERT_PLATFORMS_CLI_CLASSIFY_RUNNER_H_
