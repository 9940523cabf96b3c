// A checkpoint directory becomes one .pbert file.
#ifndef POCKETBERT_CONVERTER_CONVERT_H_
#define POCKETBERT_CONVERTER_CONVERT_H_

#include <cstdint>
#include <functional>
#include <limits>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "converter/known_keys.h"
#include "schema/model_generated.h"

namespace pbert {

class TemporaryFile;

enum class WeightType { kInt8, kFloat32 };

// How the matrices of a file are stored: all of one type but for those that stay finer.
struct WeightChoice {
  WeightChoice(WeightType all, std::vector<std::string> kept = {}) : type(all), keep(std::move(kept)) {}

  WeightType type;
  // Matrices that stay fp32, by their names in the file ("layers.0.ffn_out.weight", as `inspect` and `compare` print
  // them); `*` stands for any characters, `?` for one. A pattern that fits no matrix is an Error.
  std::vector<std::string> keep;
};

// Called as work proceeds: which step, and how much of it is done (0..1).
using ProgressCallback = std::function<void(const std::string& step, double done)>;

// Writes `checkpoint_dir` as .pbert to `output` (temporary name, then rename); nothing is measured.
// The weights are streamed: memory does not grow with the checkpoint. Throws Error. `add_heads` as in ConvertOptions.
void WriteModel(const std::string& checkpoint_dir, const std::string& output, const WeightChoice& weights,
                const ProgressCallback& progress = {}, const std::string& task = {},
                const std::vector<std::string>& add_heads = {});

// Writes `checkpoint_dir` as a file that is only worked with. It goes with the object.
std::unique_ptr<TemporaryFile> WriteScratchModel(const std::string& checkpoint_dir, const WeightChoice& weights,
                                                 const ProgressCallback& progress = {});

// What is measured about a file and stored in it.
struct Measurements {
  schema::ReportT report;
  float reject_threshold = -1;  // of the first head; < 0: none
};

// What `evaluate` may add to a freshly written file.
struct Findings {
  schema::AccuracyT accuracy;
  float reject_threshold = -1;                                  // < 0: none
  float reject_cost = std::numeric_limits<float>::quiet_NaN();  // NaN: no threshold was sought
};

struct ConvertOptions {
  std::string checkpoint_dir;
  std::string output;
  std::string task;  // a pipeline's name; empty: the head that the checkpoint was saved with
  // Checkpoints of the same encoder, whose heads the file gets too; or a pipeline's name: that head of checkpoint_dir.
  std::vector<std::string> add_heads;
  WeightChoice weights = WeightType::kInt8;
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
  float reject_threshold = -1;
};

// WriteModel, then opens its own output with all checksums, runs sample text through it and through the
// same model in fp32 (a ScratchFile), stores the report in the file, renames it. Throws Error, before the long work
// when there is no room for these two files.
ConvertResult Convert(const ConvertOptions& options);

// Replaces the report (and the first head's reject threshold) of an existing file, atomically.
void UpdateReport(const std::string& file, const schema::ReportT& report, float reject_threshold);

}  // namespace pbert

#endif  // POCKETBERT_CONVERTER_CONVERT_H_
