// Multinomial logistic regression, its weights held small by a ridge (L2).
#ifndef POCKETBERT_CONVERTER_INTENTS_LOGISTIC_H_
#define POCKETBERT_CONVERTER_INTENTS_LOGISTIC_H_

#include <cstddef>
#include <cstdint>
#include <span>

#include "converter/intents/dense.h"
#include "converter/intents/lbfgs.h"

namespace pbert::converter {

struct LogisticOptions {
  double strength = 10;  // of the sentences against the ridge: scikit-learn's C
  size_t threads = 1;
  LbfgsOptions descent;
};

// Minimizes strength * sum of -log p(label of x) + |weights|^2 / 2 over weights [classes, x.columns], of which the last
// column is not held small: the last column of `x` is 1, so it is the bias. *weights is where to start, and the result.
void FitLogistic(const DenseMatrix& x, std::span<const uint32_t> labels, const LogisticOptions& options,
                 DenseMatrix* weights);

}  // namespace pbert::converter

#endif  // POCKETBERT_CONVERTER_INTENTS_LOGISTIC_H_
