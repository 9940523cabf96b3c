#include "platforms/cli/eval_labels.h"

#include <algorithm>

#include "base/rank.h"
#include "converter/evaluate/label_report.h"
#include "platforms/cli/output.h"
#include "platforms/cli/table.h"

namespace pbert::cli {
namespace {

using converter::LabelledSet;
using converter::ModelHandle;
using converter::Prediction;

constexpr size_t kLabelsShown = 10, kConfusionsShown = 5;
constexpr size_t kTextColumns = 60;

std::string ExpectedName(const ModelHandle& model, const converter::Example& example) {
  return example.label == converter::kNoLabel ? "(out of scope)" : model.label(example.label);
}

// Indices of wrongly answered texts, the most confident answers first.
std::vector<size_t> Errors(const LabelledSet& set, const std::vector<Prediction>& predictions, uint32_t most) {
  std::vector<size_t> wrong;
  for (size_t i = 0; i < predictions.size(); ++i) {
    if (predictions[i].label != set.examples[i].label) wrong.push_back(i);
  }
  std::sort(wrong.begin(), wrong.end(), [&](size_t a, size_t b) {
    const auto first = Rank(predictions[a].score), second = Rank(predictions[b].score);
    return first != second ? first > second : a < b;
  });
  wrong.resize(std::min<size_t>(wrong.size(), most));
  return wrong;
}

}  // namespace

void AddLabelReport(const ModelHandle& model, const LabelledSet& set, const std::vector<Prediction>& predictions,
                    uint32_t errors, Json* object) {
  (*object)["labels"] = Json::array();
  for (const converter::LabelFigures& figures : converter::PerLabel(set, predictions, model.labels().size())) {
    (*object)["labels"].push_back({{"label", model.label(figures.label)},
                                   {"precision", Rounded(figures.Precision(), 7)},
                                   {"recall", Rounded(figures.Recall(), 7)},
                                   {"support", figures.support}});
  }
  (*object)["confusions"] = Json::array();
  for (const converter::Confusion& confusion : converter::Confusions(set, predictions)) {
    (*object)["confusions"].push_back({{"label", model.label(confusion.expected)},
                                       {"taken_for", model.label(confusion.predicted)},
                                       {"count", confusion.count}});
  }
  (*object)["errors"] = Json::array();
  for (const size_t i : Errors(set, predictions, errors)) {
    (*object)["errors"].push_back({{"text", set.examples[i].text},
                                   {"label", ExpectedName(model, set.examples[i])},
                                   {"answer", model.label(predictions[i].label)},
                                   {"score", Number(predictions[i].score)}});
  }
}

void PrintLabelReport(const ModelHandle& model, const LabelledSet& set, const std::vector<Prediction>& predictions,
                      uint32_t errors) {
  const std::vector<converter::LabelFigures> labels = converter::PerLabel(set, predictions, model.labels().size());
  Table table("lrrr", {labels.size() > kLabelsShown ? "hardest labels" : "label", "precision", "recall", "texts"});
  for (size_t i = 0; i < std::min(labels.size(), kLabelsShown); ++i) {
    table.Add({model.label(labels[i].label), Percent(labels[i].Precision()), Percent(labels[i].Recall()),
               Grouped(labels[i].support)});
  }
  Out().Write("\n" + table.Print());
  const std::vector<converter::Confusion> confusions = converter::Confusions(set, predictions);
  if (!confusions.empty()) {
    Table pairs("rll", {"times", "label", "taken for"});
    for (size_t i = 0; i < std::min(confusions.size(), kConfusionsShown); ++i) {
      pairs.Add(
          {Grouped(confusions[i].count), model.label(confusions[i].expected), model.label(confusions[i].predicted)});
    }
    Out().Write("\n" + pairs.Print());
  }
  if (errors == 0) return;
  Table wrong("lllr", {"text", "label", "answer", "score"});
  for (const size_t i : Errors(set, predictions, errors)) {
    wrong.Add({OneLine(set.examples[i].text, kTextColumns), ExpectedName(model, set.examples[i]),
               model.label(predictions[i].label), Format("%.4f", static_cast<double>(predictions[i].score))});
  }
  Out().Write("\n" + wrong.Print());
}

}  // namespace pbert::cli
