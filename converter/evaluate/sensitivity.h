// Which weight matrices the error of an int8 file comes from, and so which of them to keep finer.
#ifndef POCKETBERT_CONVERTER_EVALUATE_SENSITIVITY_H_
#define POCKETBERT_CONVERTER_EVALUATE_SENSITIVITY_H_

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "converter/check/raw_outputs.h"
#include "converter/support/callbacks.h"
#include "quant/error_measures.h"

namespace pbert::converter {

// What keeping one matrix fp32, and all else as it is in the file, would do.
struct MatrixNoise {
  std::string name;          // as `convert --keep fp32:NAME` takes it
  double noise_share = 0;    // of the squared error of the head's outputs that would go; negative: it would grow
  double snr_db = 0;         // of the head's outputs then
  uint64_t extra_bytes = 0;  // that the file would grow by
};

// The file's matrices that are fp32, by their names.
std::vector<std::string> KeptMatrices(const Model& model);

// Tries it: for each int8 matrix of `file`, runs the texts on a file with that one matrix from `fp32`, the same model
// in fp32 (beside those that the file keeps already). So the figures are those that `convert --keep` gives, errors that
// cancel each other included; a sum of shares need not be 1. Matrices with the largest share come first. Throws Error.
std::vector<MatrixNoise> AttributeNoise(RawModel* file, RawModel* fp32, std::span<const std::string> texts,
                                        const RawOptions& options, const ProgressCallback& progress);

// Those worth keeping: at most three, each with at least a tenth of the noise; none where the outputs' ratio is above
// 40 dB (an error of a hundredth) anyway.
std::vector<std::string> WorthKeeping(std::span<const MatrixNoise> matrices, double snr_db);

}  // namespace pbert::converter

#endif  // POCKETBERT_CONVERTER_EVALUATE_SENSITIVITY_H_
