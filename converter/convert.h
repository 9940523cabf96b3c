// A checkpoint directory becomes one .pbert file.
#ifndef POCKETBERT_CONVERTER_CONVERT_H_
#define POCKETBERT_CONVERTER_CONVERT_H_

#include <cstdint>
#include <functional>
#include <limits>
#include <memory>
#include <string>

#include "converter/network/weight_choice.h"
#include "converter/support/callbacks.h"
#include "converter/vocabulary_trim.h"
#include "schema/model_generated.h"

namespace pbert::converter {

class TemporaryFile;

// Writes `checkpoint_dir` as .pbert to `output` (temporary name, then rename); nothing is measured.
// The weights are streamed: memory does not grow with the checkpoint. Throws Error. `add_heads` as in ConvertOptions.
void WriteModel(const std::string& checkpoint_dir, const std::string& output, const WeightChoice& weights,
                const ProgressCallback& progress = {}, const std::string& task = {},
                const std::vector<std::string>& add_heads = {});

// Writes `checkpoint_dir` as a file that is only worked with. It goes with the object.
std::unique_ptr<TemporaryFile> WriteScratchModel(const std::string& checkpoint_dir, const WeightChoice& weights,
                                                 const ProgressCallback& progress = {});

// What `evaluate` may add to a freshly written file.
struct Findings {
  schema::AccuracyT accuracy;
  float reject_threshold = -1;                                  // < 0: none
  float null_threshold = 0;                                     // 0: none
  float reject_cost = std::numeric_limits<float>::quiet_NaN();  // NaN: no threshold was sought
};

struct ConvertOptions {
  std::string checkpoint_dir;
  std::string output;
  std::string task;  // a pipeline's name; empty: the head that the checkpoint was saved with
  // Checkpoints of the same encoder, whose heads the file gets too; or a pipeline's name: that head of checkpoint_dir.
  std::vector<std::string> add_heads;
  WeightChoice weights = WeightType::kInt8;
  TrimTexts trim;
  ProgressCallback progress;
  WarningCallback warn;  // optional: of what the checkpoint says and nobody here knows
  // Optional: measures the int8 file (beside the same model in fp32) before it gets its final name.
  std::function<Findings(const std::string& file, const std::string& fp32_file)> evaluate;
  // Its findings beforehand: the same texts, and any number where there will be one. Room for them is kept in the file;
  // findings that need more cost a copy of it.
  Findings expected;
};

struct ConvertResult {
  uint64_t source_bytes = 0;  // the checkpoint's weight file(s)
  uint64_t file_bytes = 0;
  schema::ReportT report;  // as stored in the file
  float reject_threshold = -1, null_threshold = 0;
  TrimFigures trim;
};

// WriteModel, then opens its own output with all checksums, runs sample text through it and through the
// same model in fp32 (a ScratchFile), stores the report in the file, renames it. Throws Error, before the long work
// when there is no room for these two files.
ConvertResult Convert(const ConvertOptions& options);

// Replaces the report (and the first head's thresholds) of an existing file, atomically.
void UpdateReport(const std::string& file, const schema::ReportT& report, float reject_threshold, float null_threshold);

}  // namespace pbert::converter

#endif  // POCKETBERT_CONVERTER_CONVERT_H_
