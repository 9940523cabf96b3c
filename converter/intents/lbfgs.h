// Minimizing a smooth function by L-BFGS (Liu and Nocedal 1989). Written here because the libraries that exist sum by
// what vectors the processor has, so that they give other bits on another machine.
#ifndef POCKETBERT_CONVERTER_INTENTS_LBFGS_H_
#define POCKETBERT_CONVERTER_INTENTS_LBFGS_H_

#include <cstddef>
#include <functional>
#include <vector>

namespace pbert::converter {

struct LbfgsOptions {
  size_t most_iterations = 100;
  // Ends where the gradient's largest value is below this times that of the beginning, or the function falls by less
  // than 1e-7 of its value.
  double tolerance = 1e-3;
};

// The function's value at `x`, and its gradient there into *gradient, as long as x.
using Objective = std::function<double(const std::vector<float>& x, std::vector<float>* gradient)>;

// Moves *x to where the function is small. A function that is not finite ends it. Returns the value there.
double MinimizeLbfgs(const Objective& objective, const LbfgsOptions& options, std::vector<float>* x);

}  // namespace pbert::converter

#endif  // POCKETBERT_CONVERTER_INTENTS_LBFGS_H_
