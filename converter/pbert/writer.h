// Writes a planned model as a .pbert file, one piece of a tensor at a time.
#ifndef POCKETBERT_CONVERTER_PBERT_WRITER_H_
#define POCKETBERT_CONVERTER_PBERT_WRITER_H_

#include <filesystem>

#include "converter/checkpoint/weights.h"
#include "converter/network/plan.h"
#include "converter/support/callbacks.h"
#include "converter/support/file.h"
#include "schema/model_generated.h"

namespace pbert::converter {

// What is measured about a file and stored in it.
struct Measurements {
  schema::ReportT report;
  float reject_threshold = -1;  // of the first head; < 0: none
  float null_threshold = 0;     // likewise; 0: none
};

// The parts of a file in bytes.
struct FileLayout {
  uint64_t metadata = 0;
  uint64_t data = 0;
  uint64_t data_in_fp32 = 0;  // what `data` would be at most if all tensors were floats

  uint64_t bytes() const { return metadata + data; }
};

// Fills model->tensors from the plan. The metadata has room for `expected`, where given, instead of the report and the
// first head's thresholds that the model has. Throws Error.
FileLayout LayOutFile(const Plan& plan, schema::ModelT* model, const Measurements* expected);

// Writes metadata and tensor data to `file`, once it is sure that there is room for them. Memory does not grow with the
// model. Throws Error; a value that is not finite is named by tensor and index. `file` is then incomplete.
void WritePlannedModel(const Plan& plan, const FileLayout& layout, const schema::ModelT& model, Weights* weights,
                       const TemporaryFile& file, const ProgressCallback& progress);

// Puts other measurements into a complete .pbert file, if its metadata has room for them; false if not. Not in one
// step, and so for a file only that has no name of its own yet.
bool ReplaceReport(const TemporaryFile& file, const Measurements& measurements);

// Writes to `target` what `source`, a complete .pbert file, holds, with other measurements.
void CopyWithReport(const std::filesystem::path& source, const TemporaryFile& target, const Measurements& measurements);

}  // namespace pbert::converter

#endif  // POCKETBERT_CONVERTER_PBERT_WRITER_H_
