#include "converter/evaluate/label_report.h"

#include <algorithm>
#include <limits>
#include <map>

namespace pbert::converter {
namespace {

double Share(size_t part, size_t whole) {
  return whole == 0 ? std::numeric_limits<double>::quiet_NaN() : static_cast<double>(part) / static_cast<double>(whole);
}

std::string Quoted(const std::string& text) {
  if (text.find_first_of(",\"\r\n") == std::string::npos) return text;
  std::string quoted = "\"";
  for (const char c : text) quoted += c == '"' ? "\"\"" : std::string(1, c);
  return quoted + "\"";
}

}  // namespace

double LabelFigures::Precision() const { return Share(right, predicted); }
double LabelFigures::Recall() const { return Share(right, support); }

std::vector<LabelFigures> PerLabel(const LabelledSet& set, const std::vector<Prediction>& predictions, size_t labels) {
  std::vector<LabelFigures> figures(labels);
  for (size_t i = 0; i < labels; ++i) figures[i].label = static_cast<uint32_t>(i);
  for (size_t i = 0; i < predictions.size(); ++i) {
    const uint32_t expected = set.examples[i].label, predicted = predictions[i].label;
    ++figures[predicted].predicted;
    if (expected == kNoLabel) continue;
    ++figures[expected].support;
    figures[expected].right += expected == predicted;
  }
  std::erase_if(figures, [](const LabelFigures& f) { return f.support == 0 && f.predicted == 0; });
  std::sort(figures.begin(), figures.end(), [](const LabelFigures& a, const LabelFigures& b) {
    const double x = a.support == 0 ? 2 : a.Recall(), y = b.support == 0 ? 2 : b.Recall();
    return x != y ? x < y : a.label < b.label;
  });
  return figures;
}

std::vector<Confusion> Confusions(const LabelledSet& set, const std::vector<Prediction>& predictions) {
  std::map<std::pair<uint32_t, uint32_t>, size_t> counts;
  for (size_t i = 0; i < predictions.size(); ++i) {
    const uint32_t expected = set.examples[i].label;
    if (expected != kNoLabel && expected != predictions[i].label) ++counts[{expected, predictions[i].label}];
  }
  std::vector<Confusion> confusions;
  for (const auto& [pair, count] : counts) confusions.push_back({pair.first, pair.second, count});
  std::sort(confusions.begin(), confusions.end(), [](const Confusion& a, const Confusion& b) {
    if (a.count != b.count) return a.count > b.count;
    return std::pair(a.expected, a.predicted) < std::pair(b.expected, b.predicted);
  });
  return confusions;
}

std::string ConfusionCsv(const LabelledSet& set, const std::vector<Prediction>& predictions,
                         const std::vector<std::string>& labels) {
  std::vector<std::vector<size_t>> counts(labels.size() + 1, std::vector<size_t>(labels.size(), 0));
  for (size_t i = 0; i < predictions.size(); ++i) {
    const uint32_t expected = set.examples[i].label;
    ++counts[expected == kNoLabel ? labels.size() : expected][predictions[i].label];
  }
  std::string csv = "expected";
  for (const std::string& label : labels) csv += "," + Quoted(label);
  csv += "\n";
  for (size_t row = 0; row < counts.size(); ++row) {
    const bool out_of_scope = row == labels.size();
    if (out_of_scope && set.out_of_scope == 0) continue;
    csv += out_of_scope ? "(out of scope)" : Quoted(labels[row]);
    for (const size_t count : counts[row]) csv += "," + std::to_string(count);
    csv += "\n";
  }
  return csv;
}

}  // namespace pbert::converter
