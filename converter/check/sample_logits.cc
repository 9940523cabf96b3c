#include "converter/check/sample_logits.h"

#include <algorithm>
#include <cmath>

#include "converter/check/raw_outputs.h"
#include "converter/check/sample_texts.h"
#include "converter/support/error.h"
#include "quant/error_measures.h"

namespace pbert::converter {
namespace {

constexpr uint32_t kMaxTokens = 128;  // of a session: no sample text is much longer

// Appends the outputs of one head; returns how many heads there are.
size_t AddSampleLogits(const std::filesystem::path& file, const RawOptions& options, const ProgressCallback& progress,
                       std::vector<float>* all) {
  RawModel model(file, options);
  std::vector<float>& logits = *all;
  const auto texts = SampleTexts();
  for (size_t i = 0; i < texts.size(); ++i) {
    TextInput input;
    input.text = texts[i];
    if (!model.TryEncode(input)) continue;
    const std::vector<float> outputs = model.Outputs();
    logits.insert(logits.end(), outputs.begin(), outputs.end());
    if (progress) progress("check on sample text", static_cast<double>(i + 1) / static_cast<double>(texts.size()));
  }
  return model.model().head_count();
}

}  // namespace

std::vector<float> SampleLogits(const std::filesystem::path& file, bool verify, const ProgressCallback& progress) {
  RawOptions options;
  options.verify_data = verify;
  options.max_tokens = kMaxTokens;
  std::vector<float> logits;
  const size_t heads = AddSampleLogits(file, options, progress, &logits);
  options.verify_data = false;
  for (options.head = 1; options.head < heads; ++options.head) AddSampleLogits(file, options, progress, &logits);
  const auto is_finite = [](float value) { return std::isfinite(value); };
  if (!std::all_of(logits.begin(), logits.end(), is_finite)) {
    throw Error(file.string() + ": the network's outputs are not finite on sample text");
  }
  return logits;
}

LogitErrors CompareLogits(const std::filesystem::path& file, const std::filesystem::path& fp32_file,
                          const ProgressCallback& progress) {
  // The fp32 file was written a moment ago and is thrown away after this: its checksum is not worth a pass over it.
  const std::vector<float> expected = SampleLogits(fp32_file, false, progress);
  const std::vector<float> actual = SampleLogits(file, true, progress);
  LogitErrors errors;
  errors.texts = static_cast<uint32_t>(SampleTexts().size());
  errors.worst = static_cast<float>(MaxAbsError(expected, actual));
  errors.mean = static_cast<float>(MeanAbsError(expected, actual));
  return errors;
}

}  // namespace pbert::converter
