// What `eval` prints for models that do not classify whole texts.
#ifndef POCKETBERT_PLATFORMS_CLI_EVAL_TASK_H_
#define POCKETBERT_PLATFORMS_CLI_EVAL_TASK_H_

#include "converter/evaluate/task_eval.h"
#include "platforms/cli/json_output.h"

namespace pbert::cli {

Json TaskJson(const converter::TaskEvaluation& evaluation);
void PrintTask(const converter::TaskEvaluation& evaluation);

}  // namespace pbert::cli

#endif  // POCKETBERT_PLATFORMS_CLI_EVAL_TASK_H_
