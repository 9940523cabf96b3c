// Data sets and figures of classifiers that give numbers, or several labels a text.
#ifndef POCKETBERT_CONVERTER_EVALUATE_SCORE_SETS_H_
#define POCKETBERT_CONVERTER_EVALUATE_SCORE_SETS_H_

#include <span>
#include <string>
#include <vector>

#include "converter/evaluate/dataset.h"
#include "converter/evaluate/task_metrics.h"

namespace pbert::converter {

// The rows' labels as numbers. Throws Error naming source and line.
std::vector<double> NumberLabels(const Dataset& dataset);

// Which of a model's labels a text has, [label count].
using LabelSet = std::vector<bool>;

// The rows' labels, one or several joined by `|`, `;` or `,` (a label whose name has such a character in it is found
// whole), each a name or an index. An empty label: none. Throws Error naming source, line and the label that the model
// does not know.
std::vector<LabelSet> LabelSets(const Dataset& dataset, std::span<const std::string> labels);

struct LabelSetFigures {
  double micro_f1 = 0;  // of all decisions together
  double macro_f1 = 0;  // mean over labels; 0 for one that is neither expected nor predicted, as scikit-learn has it
  double subset_accuracy = 0;       // share of texts with exactly the right labels
  std::vector<RatioTerm> f1_terms;  // of each text, for PairedBootstrap
};
LabelSetFigures MeasureLabelSets(std::span<const LabelSet> expected, std::span<const LabelSet> predicted);

double MeanAbsoluteError(std::span<const double> a, std::span<const double> b);

}  // namespace pbert::converter

#endif  // POCKETBERT_CONVERTER_EVALUATE_SCORE_SETS_H_
