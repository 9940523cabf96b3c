// The flags of `run`, and which of them belong to which task.
#ifndef POCKETBERT_PLATFORMS_CLI_RUN_FLAGS_H_
#define POCKETBERT_PLATFORMS_CLI_RUN_FLAGS_H_

#include <string>

#include "converter/evaluate/model_handle.h"
#include "platforms/cli/classify_runner.h"
#include "platforms/cli/command_line.h"
#include "platforms/cli/input.h"
#include "platforms/cli/json_output.h"

namespace pbert::cli {

// What the flags say. One thread.
class RunFlags {
 public:
  // `line` must outlive the flags.
  explicit RunFlags(CommandLine* line);

  // After Parse: what of it can be known without the model. Throws UsageError.
  InputOptions Input();
  // Throws UsageError for a flag that the model's task would not read.
  void CheckTask(const converter::ModelHandle& model) const;
  // By the names of the pipelines' options.
  Json TaskDefaults() const;

  const ClassifyOptions& options() const { return options_; }
  bool choose_threads() const { return choose_threads_; }  // --threads auto
  // Of the head that is to answer; empty: the file's first.
  const std::string& task() const { return task_; }

 private:
  void CheckTogether() const;
  void CheckLabels(const converter::ModelHandle& model) const;

  CommandLine& line_;
  ClassifyOptions options_;
  std::string task_, format_ = "lines", pair_, question_, context_, labels_, template_, aggregation_, ignored_,
                     targets_, pooling_;
  uint32_t doc_stride_ = 0, max_answer_len_ = 0, max_seq_len_ = 0, stride_ = 0;
  bool multi_label_ = false, impossible_ = false, part_words_ = false, normalize_ = false, choose_threads_ = false;
};

}  // namespace pbert::cli

#endif  // POCKETBERT_PLATFORMS_CLI_RUN_FLAGS_H_
