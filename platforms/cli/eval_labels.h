// What `eval` prints of a classifier besides its accuracy.
#ifndef POCKETBERT_PLATFORMS_CLI_EVAL_LABELS_H_
#define POCKETBERT_PLATFORMS_CLI_EVAL_LABELS_H_

#include <vector>

#include "converter/evaluate/evaluate.h"
#include "platforms/cli/json_output.h"

namespace pbert::cli {

// Labels, confusions and up to `errors` wrong answers, as keys of `object`.
void AddLabelReport(const converter::ModelHandle& model, const converter::LabelledSet& set,
                    const std::vector<converter::Prediction>& predictions, uint32_t errors, Json* object);

// The labels with the worst recall, the most confused pairs, and up to `errors` wrong answers.
void PrintLabelReport(const converter::ModelHandle& model, const converter::LabelledSet& set,
                      const std::vector<converter::Prediction>& predictions, uint32_t errors);

}  // namespace pbert::cli

#endif  // POCKETBERT_PLATFORMS_CLI_EVAL_LABELS_H_
