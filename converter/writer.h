// Writes a planned model as a .pbert file, one piece of a tensor at a time.
#ifndef POCKETBERT_CONVERTER_WRITER_H_
#define POCKETBERT_CONVERTER_WRITER_H_

#include <filesystem>

#include "converter/convert.h"
#include "converter/plan.h"
#include "converter/weights.h"

namespace pbert {

// Fills model->tensors from the plan and writes metadata and tensor data to the existing file `path`. Memory does not
// grow with the model. Throws Error; a value that is not finite is named by tensor and index. `path` is then
// incomplete.
void WritePlannedModel(const Plan& plan, Weights* weights, schema::ModelT* model, const std::filesystem::path& path,
                       const ProgressCallback& progress);

// Writes to the existing file `target` what `source`, a complete .pbert file, holds, with another report and
// reject threshold (of the first head).
void CopyWithReport(const std::filesystem::path& source, const std::filesystem::path& target,
                    const schema::ReportT& report, float reject_threshold);

}  // namespace pbert

#endif  // POCKETBERT_CONVERTER_WRITER_H_
