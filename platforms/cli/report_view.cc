#include "platforms/cli/report_view.h"

#include <cmath>

#include "converter/support/error.h"
#include "model/layer_linears.h"
#include "platforms/cli/output.h"
#include "platforms/cli/progress.h"
#include "text/check_tokenizer.h"

namespace pbert::cli {

std::unique_ptr<Model> OpenModel(const std::string& path) {
  std::unique_ptr<Model> model;
  Status status = Model::OpenPath(path.c_str(), {}, &model);
  uint32_t vocabulary_size = 0;
  if (status.ok()) status = CheckTokenizer(*model, &vocabulary_size);
  if (status.ok()) return model;
  const std::string reason = status.message();
  throw converter::Error(reason.starts_with(path) ? reason : path + ": " + reason);
}

std::string LayoutNames(const Model& model) {
  bool packed = false, rows = false;
  for (const schema::Layer* layer : *model.encoder().layers()) {
    for (const schema::Linear* linear : LinearsOf(*layer)) {
      (model.tensor(linear->weight()).layout == schema::Layout::Packed16x4 ? packed : rows) = true;
    }
  }
  if (packed && rows) return "Packed16x4, RowMajor";
  return packed ? "Packed16x4" : "RowMajor";
}

Json AccuracyJson(const schema::AccuracyT& accuracy) {
  return {{"dataset", accuracy.dataset},
          {"examples", accuracy.examples},
          {"metric", accuracy.metric},
          {"int8", Number(accuracy.int8)},
          {"fp32", Number(accuracy.fp32)},
          {"same_answer", Number(accuracy.same_answer)},
          {"mean_abs_score_diff", Number(accuracy.mean_abs_score_diff)},
          {"p_value", Number(accuracy.p_value)},
          {"in_scope_accuracy", Number(accuracy.in_scope_accuracy)},
          {"out_of_scope_recall", Number(accuracy.out_of_scope_recall)},
          {"in_scope_accuracy_rejecting", Number(accuracy.in_scope_accuracy_rejecting)},
          {"out_of_scope_recall_rejecting", Number(accuracy.out_of_scope_recall_rejecting)}};
}

Json ReportJson(const schema::ReportT& report) {
  return {{"converter_version", report.converter_version},
          {"source_bytes", report.source_bytes},
          {"error_texts", report.error_texts},
          {"worst_logit_error", Number(report.worst_logit_error)},
          {"mean_logit_error", Number(report.mean_logit_error)},
          {"reject_cost", Number(report.reject_cost)},
          {"accuracy", report.accuracy == nullptr ? Json() : AccuracyJson(*report.accuracy)}};
}

void AddReportRows(const schema::ReportT& report, float reject_threshold, float null_threshold, Table* table) {
  if (report.error_texts > 0) {
    table->Add({"logits against fp32", Format("off by %.4f at worst, %.4f on average, on %u texts",
                                              report.worst_logit_error, report.mean_logit_error, report.error_texts)});
  }
  if (report.accuracy != nullptr) {
    const schema::AccuracyT& accuracy = *report.accuracy;
    table->Add({accuracy.metric, Percent(accuracy.int8) + ", in fp32 " + Percent(accuracy.fp32) + ", on " +
                                     Grouped(accuracy.examples) + " texts of " + accuracy.dataset});
    if (!std::isnan(accuracy.same_answer)) {
      table->Add({"same answer as fp32", Percent(accuracy.same_answer)});
    }
    if (!std::isnan(accuracy.out_of_scope_recall)) {
      const bool rejects = !std::isnan(accuracy.out_of_scope_recall_rejecting);
      const auto row = [&](const char* name, float plain, float rejecting) {
        table->Add({name, Percent(plain) + (rejects ? ", with the threshold " + Percent(rejecting) : "")});
      };
      row("in-scope accuracy", accuracy.in_scope_accuracy, accuracy.in_scope_accuracy_rejecting);
      row("out-of-scope recall", accuracy.out_of_scope_recall, accuracy.out_of_scope_recall_rejecting);
    }
  }
  if (reject_threshold >= 0) {
    table->Add({"reject threshold",
                Format("%.4f", reject_threshold) +
                    (std::isnan(report.reject_cost)
                         ? ""
                         : Format(", allowed to cost %.1f points of in-scope accuracy", report.reject_cost))});
  }
  if (null_threshold != 0) {
    table->Add({"null threshold",
                Format("%.4f, \"no answer\" where its score less the best answer's is above it", null_threshold)});
  }
}

std::unique_ptr<converter::TemporaryFile> WriteInFp32(const std::string& checkpoint_dir) {
  Progress progress(CommandName());
  return converter::WriteScratchModel(
      checkpoint_dir, converter::WeightType::kFloat32,
      [&](const std::string& step, double done) { progress.Show(done, "in fp32, for comparison: " + step); });
}

void RequireMadeFrom(const std::string& path, const std::string& checkpoint, const std::string& fp32_path) {
  const auto source = [](const std::string& file) {
    const std::unique_ptr<Model> model = OpenModel(file);
    const schema::Provenance* provenance = model->root().provenance();
    return provenance == nullptr || provenance->source_hash() == nullptr ? std::string()
                                                                         : provenance->source_hash()->str();
  };
  const std::string ours = source(path), theirs = source(fp32_path);
  if (ours.empty() || ours == theirs) return;
  throw converter::Error(checkpoint + ": " + path + " was not made from these weights (hash " + ours + "; theirs is " +
                         theirs + "): name the checkpoint that it was made from, or convert again");
}

}  // namespace pbert::cli
