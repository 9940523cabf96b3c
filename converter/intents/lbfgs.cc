#include "converter/intents/lbfgs.h"

#include <algorithm>
#include <cmath>
#include <deque>

#include "converter/intents/dense.h"

namespace pbert::converter {
namespace {

using Vector = std::vector<float>;
constexpr size_t kMemory = 8;

// A step and how the gradient changed on it.
struct Pair {
  Vector step, change;
  double inverse;  // 1 / (step . change)
};

void AddScaled(double scale, const Vector& from, Vector* to) {
  for (size_t i = 0; i < from.size(); ++i) (*to)[i] += static_cast<float>(scale) * from[i];
}

double Largest(const Vector& x) {
  float largest = 0;
  for (const float value : x) largest = std::max(largest, std::fabs(value));
  return static_cast<double>(largest);
}

// The two-loop recursion: minus the inverse Hessian, as the pairs tell it, times the gradient.
Vector Direction(const std::deque<Pair>& pairs, const Vector& gradient) {
  Vector direction(gradient.size());
  AddScaled(-1, gradient, &direction);
  std::vector<double> alphas(pairs.size());
  for (size_t i = pairs.size(); i-- > 0;) {
    alphas[i] = pairs[i].inverse * Dot(pairs[i].step, direction);
    AddScaled(-alphas[i], pairs[i].change, &direction);
  }
  if (!pairs.empty()) {
    const Pair& last = pairs.back();
    const double scale = 1 / (last.inverse * Dot(last.change, last.change));
    for (float& value : direction) value *= static_cast<float>(scale);
  }
  for (size_t i = 0; i < pairs.size(); ++i) {
    AddScaled(alphas[i] - pairs[i].inverse * Dot(pairs[i].change, direction), pairs[i].step, &direction);
  }
  return direction;
}

}  // namespace

double MinimizeLbfgs(const Objective& objective, const LbfgsOptions& options, std::vector<float>* x) {
  Vector gradient(x->size()), next(x->size()), next_gradient(x->size());
  double value = objective(*x, &gradient);
  const double small = options.tolerance * Largest(gradient);
  std::deque<Pair> pairs;
  for (size_t iteration = 0; iteration < options.most_iterations && Largest(gradient) > small; ++iteration) {
    Vector direction = Direction(pairs, gradient);
    double slope = Dot(direction, gradient);
    if (!(slope < 0)) {  // rounding has spoilt the pairs: steepest descent
      pairs.clear();
      direction = Direction(pairs, gradient);
      slope = Dot(direction, gradient);
    }
    // Backtracking until the value falls enough (Armijo). The first step has no curvature to go by.
    double step = pairs.empty() ? 1 / std::max(1.0, std::sqrt(-slope)) : 1, next_value = 0;
    bool falls = false;
    for (int tries = 0; tries < 30 && !falls; ++tries, step *= falls ? 1 : 0.5) {
      next = *x;
      AddScaled(step, direction, &next);
      next_value = objective(next, &next_gradient);
      falls = next_value <= value + 1e-4 * step * slope;
    }
    if (!falls) break;
    Pair pair{next, next_gradient, 0};
    AddScaled(-1, *x, &pair.step);
    AddScaled(-1, gradient, &pair.change);
    const double curvature = Dot(pair.step, pair.change);
    if (curvature > 1e-10 * Dot(pair.change, pair.change)) {
      pair.inverse = 1 / curvature;
      pairs.push_back(std::move(pair));
      if (pairs.size() > kMemory) pairs.pop_front();
    }
    const double fallen = value - next_value;
    x->swap(next);
    gradient.swap(next_gradient);
    value = next_value;
    if (fallen < 1e-7 * std::fabs(value)) break;
  }
  return value;
}

}  // namespace pbert::converter
