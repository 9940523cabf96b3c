#include "converter/evaluate/score_sets.h"

#include <algorithm>
#include <charconv>
#include <cmath>

#include "converter/support/error.h"
#include "converter/support/nearest.h"

namespace pbert::converter {
namespace {

std::string LinePlace(const Dataset& dataset, const DatasetRow& row) {
  return dataset.sources[row.source] + ": line " + std::to_string(row.line) + ": ";
}

// The label's index; labels.size() where there is none of this name or number.
size_t Find(std::span<const std::string> labels, std::string_view name) {
  const auto found = std::find(labels.begin(), labels.end(), name);
  if (found != labels.end()) return static_cast<size_t>(found - labels.begin());
  size_t index = 0;
  const auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), index);
  return error == std::errc() && end == name.data() + name.size() && index < labels.size() ? index : labels.size();
}

std::string_view Trimmed(std::string_view text) {
  const size_t first = text.find_first_not_of(' ');
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(' ') - first + 1);
}

double F1(size_t right, size_t predicted, size_t expected) {
  return predicted + expected == 0 ? 0 : 2 * static_cast<double>(right) / static_cast<double>(predicted + expected);
}

}  // namespace

std::vector<double> NumberLabels(const Dataset& dataset) {
  std::vector<double> numbers;
  for (const DatasetRow& row : dataset.rows) {
    char* end = nullptr;
    const double number = std::strtod(row.label.c_str(), &end);
    if (row.label.empty() || *end != '\0' || !std::isfinite(number)) {
      throw Error(LinePlace(dataset, row) + "the model gives a number, and the label `" + row.label + "` is none");
    }
    numbers.push_back(number);
  }
  return numbers;
}

std::vector<LabelSet> LabelSets(const Dataset& dataset, std::span<const std::string> labels) {
  std::vector<LabelSet> sets;
  for (const DatasetRow& row : dataset.rows) {
    LabelSet set(labels.size(), false);
    const std::string_view all = Trimmed(row.label);
    if (const size_t whole = Find(labels, all); whole < labels.size()) {
      set[whole] = true;
    } else {
      for (size_t at = 0; at <= all.size() && !all.empty();) {
        const size_t end = std::min(all.find_first_of("|;,", at), all.size());
        const std::string_view name = Trimmed(all.substr(at, end - at));
        at = end + 1;
        if (name.empty()) continue;
        const size_t index = Find(labels, name);
        if (index == labels.size()) {
          throw Error(LinePlace(dataset, row) + NoSuchLabel(name, {labels.begin(), labels.end()}));
        }
        set[index] = true;
      }
    }
    sets.push_back(std::move(set));
  }
  return sets;
}

LabelSetFigures MeasureLabelSets(std::span<const LabelSet> expected, std::span<const LabelSet> predicted) {
  LabelSetFigures figures;
  if (predicted.empty()) return figures;
  const size_t labels = expected[0].size();
  std::vector<size_t> right(labels), asked(labels), given(labels);
  size_t exact = 0;
  for (size_t i = 0; i < predicted.size(); ++i) {
    size_t both = 0, either = 0;
    for (size_t label = 0; label < labels; ++label) {
      right[label] += expected[i][label] && predicted[i][label];
      asked[label] += expected[i][label];
      given[label] += predicted[i][label];
      both += expected[i][label] && predicted[i][label];
      either += size_t{expected[i][label]} + size_t{predicted[i][label]};
    }
    exact += expected[i] == predicted[i];
    figures.f1_terms.push_back({2 * static_cast<double>(both), static_cast<double>(either)});
  }
  size_t all_right = 0, all_asked = 0, all_given = 0;
  for (size_t label = 0; label < labels; ++label) {
    figures.macro_f1 += F1(right[label], given[label], asked[label]) / static_cast<double>(labels);
    all_right += right[label];
    all_asked += asked[label];
    all_given += given[label];
  }
  figures.micro_f1 = F1(all_right, all_given, all_asked);
  figures.subset_accuracy = static_cast<double>(exact) / static_cast<double>(predicted.size());
  return figures;
}

double MeanAbsoluteError(std::span<const double> a, std::span<const double> b) {
  double sum = 0;
  for (size_t i = 0; i < a.size(); ++i) sum += std::fabs(a[i] - b[i]);
  return sum / static_cast<double>(a.size());
}

}  // namespace pbert::converter
