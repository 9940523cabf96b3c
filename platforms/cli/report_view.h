// A file's report, for machines and for people. `convert`, `eval` and `inspect` print it the same way.
#ifndef POCKETBERT_PLATFORMS_CLI_REPORT_VIEW_H_
#define POCKETBERT_PLATFORMS_CLI_REPORT_VIEW_H_

#include <memory>
#include <string>

#include "converter/convert.h"
#include "converter/support/file.h"
#include "model/model.h"
#include "platforms/cli/json_output.h"
#include "platforms/cli/table.h"

namespace pbert::cli {

// Opens a file with the runtime's own reader, for what the C interface does not tell. Throws Error naming the path.
std::unique_ptr<Model> OpenModel(const std::string& path);

// How the layers' matrices lie in the file: "Packed16x4", "RowMajor" (fp32), or, where some are kept finer, both.
std::string LayoutNames(const Model& model);

// {"dataset", "examples", "metric", "int8", "fp32", ...}: the schema's fields in their order; null: not measured.
Json AccuracyJson(const schema::AccuracyT& accuracy);
// {"converter_version", "source_bytes", "error_texts", "worst_logit_error", "mean_logit_error", "reject_cost",
// "accuracy"}
Json ReportJson(const schema::ReportT& report);

// Adds rows of two cells, name and value, for what has been measured.
void AddReportRows(const schema::ReportT& report, float reject_threshold, float null_threshold, Table* table);

// Writes the checkpoint in fp32 to a temporary file ($TMPDIR, else /tmp), with progress. Once opened the file may be
// removed: its mapping stays.
std::unique_ptr<converter::TemporaryFile> WriteInFp32(const std::string& checkpoint_dir);

// Throws Error unless `path` was converted from the checkpoint of which `fp32_path` is the fp32 twin: figures that
// compare the two would say nothing.
void RequireMadeFrom(const std::string& path, const std::string& checkpoint, const std::string& fp32_path);

}  // namespace pbert::cli

#endif  // POCKETBERT_PLATFORMS_CLI_REPORT_VIEW_H_
