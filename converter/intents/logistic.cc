#include "converter/intents/logistic.h"

#include <algorithm>

#include "converter/evaluate/parallel.h"
#include "converter/intents/portable_math.h"

namespace pbert::converter {
namespace {

constexpr size_t kBlock = 64;

// Turns a row of logits into strength * (probabilities - the label's one), and returns -log p(label).
double ToErrors(uint32_t label, double strength, float* logits, size_t classes) {
  const float highest = *std::max_element(logits, logits + classes);
  const double of_label = static_cast<double>(logits[label] - highest);
  double sum = 0;
  for (size_t i = 0; i < classes; ++i) {
    const double power = PortableExp(static_cast<double>(logits[i] - highest));
    sum += power;
    logits[i] = static_cast<float>(power);
  }
  const auto scale = static_cast<float>(strength / sum);
  for (size_t i = 0; i < classes; ++i) logits[i] *= scale;
  logits[label] -= static_cast<float>(strength);
  return PortableLog(sum) - of_label;
}

}  // namespace

void FitLogistic(const DenseMatrix& x, std::span<const uint32_t> labels, const LogisticOptions& options,
                 DenseMatrix* weights) {
  const size_t classes = weights->rows, bias = weights->columns - 1;
  DenseMatrix errors(x.rows, classes), current(classes, x.columns), slope(classes, x.columns);
  const size_t blocks = (x.rows + kBlock - 1) / kBlock;
  std::vector<double> losses(blocks);
  const auto objective = [&](const std::vector<float>& at, std::vector<float>* gradient) {
    current.values = at;
    MultiplyByTransposed(x, current, options.threads, &errors);
    ForEachExample(blocks, WorkersFor(blocks, options.threads), nullptr, [&](size_t, size_t block) {
      losses[block] = 0;
      for (size_t row = block * kBlock; row < std::min(x.rows, (block + 1) * kBlock); ++row) {
        losses[block] += ToErrors(labels[row], options.strength, errors.row(row), classes);
      }
    });
    MultiplyTransposed(errors, x, options.threads, &slope);
    double loss = 0, ridge = 0;
    for (const double of_block : losses) loss += of_block;
    for (size_t i = 0; i < classes; ++i) {
      for (size_t j = 0; j < bias; ++j) {
        const float weight = current.row(i)[j];
        ridge += static_cast<double>(weight) * static_cast<double>(weight);
        slope.row(i)[j] += weight;
      }
    }
    *gradient = slope.values;
    return options.strength * loss + ridge / 2;
  };
  MinimizeLbfgs(objective, options.descent, &weights->values);
}

}  // namespace pbert::converter
