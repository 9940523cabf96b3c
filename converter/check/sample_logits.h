// The converter's last step: does the file that was written answer like the checkpoint?
#ifndef POCKETBERT_CONVERTER_CHECK_SAMPLE_LOGITS_H_
#define POCKETBERT_CONVERTER_CHECK_SAMPLE_LOGITS_H_

#include <cstdint>
#include <filesystem>
#include <vector>

#include "converter/support/callbacks.h"

namespace pbert::converter {

// The outputs of the file's head for every sample text, one after the other: of every row that the head reads, but of
// one row where they are a vocabulary. `verify` checks the tensor data's checksum first. Throws Error.
std::vector<float> SampleLogits(const std::filesystem::path& file, bool verify, const ProgressCallback& progress);

struct LogitErrors {
  uint32_t texts = 0;
  float worst = 0;  // largest absolute difference
  float mean = 0;   // over all outputs of all texts
};

// `file` against the same model in fp32. One model is open at a time. Throws Error, also when an output is not finite.
LogitErrors CompareLogits(const std::filesystem::path& file, const std::filesystem::path& fp32_file,
                          const ProgressCallback& progress);

}  // namespace pbert::converter

#endif  // POCKETBERT_CONVERTER_CHECK_SAMPLE_LOGITS_H_
