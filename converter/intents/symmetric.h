// Two classic algorithms for small symmetric matrices of doubles, row-major [n, n], in a fixed order of operations.
#ifndef POCKETBERT_CONVERTER_INTENTS_SYMMETRIC_H_
#define POCKETBERT_CONVERTER_INTENTS_SYMMETRIC_H_

#include <cstddef>
#include <vector>

namespace pbert::converter {

// The lower half of `a`, positive definite, becomes L with a = L L^T (Cholesky). Throws Error where it is not.
void Cholesky(size_t n, std::vector<double>* a);

// Solves L x = b, or L^T x = b, in place.
void SolveLower(size_t n, const std::vector<double>& lower, double* b);
void SolveLowerTransposed(size_t n, const std::vector<double>& lower, double* b);

// Eigenvalues, largest first, and their unit vectors, row by row (Jacobi's rotations).
void Eigen(size_t n, std::vector<double> a, std::vector<double>* values, std::vector<double>* vectors);

}  // namespace pbert::converter

#endif  // POCKETBERT_CONVERTER_INTENTS_SYMMETRIC_H_
