// What a person needs to know about a classifier after its accuracy: which labels it confuses, and on which texts.
#ifndef POCKETBERT_CONVERTER_EVALUATE_LABEL_REPORT_H_
#define POCKETBERT_CONVERTER_EVALUATE_LABEL_REPORT_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "converter/evaluate/evaluate.h"

namespace pbert::converter {

struct LabelFigures {
  uint32_t label = 0;
  size_t support = 0, predicted = 0, right = 0;

  double Precision() const;  // NaN where it was never predicted
  double Recall() const;     // NaN where there is no such text
};

// Of each label that is expected or predicted, the worst recall first. Out-of-scope texts for which the model has no
// label belong to none.
std::vector<LabelFigures> PerLabel(const LabelledSet& set, const std::vector<Prediction>& predictions, size_t labels);

struct Confusion {
  uint32_t expected = 0, predicted = 0;
  size_t count = 0;
};

// Wrong answers by pair of labels, the most frequent first.
std::vector<Confusion> Confusions(const LabelledSet& set, const std::vector<Prediction>& predictions);

// A row for each expected label, a column for each predicted one; both with their names. RFC 4180.
std::string ConfusionCsv(const LabelledSet& set, const std::vector<Prediction>& predictions,
                         const std::vector<std::string>& labels);

}  // namespace pbert::converter

#endif  // POCKETBERT_CONVERTER_EVALUATE_LABEL_REPORT_H_
