#include <cmath>
#include <cstdio>

#include "model/limits.h"
#include "model/validate.h"

namespace pbert {
namespace {

// What a task asks of its head: which rows of the last layer it may read, how many outputs each row
// has (0: see ExpectedOutputs), and whether each output needs a label.
struct TaskRule {
  bool first, all, listed;
  uint32_t outputs;
  bool labelled;
};

Status RuleFor(const char* where, schema::Task task, TaskRule* rule) {
  switch (task) {
    case schema::Task::TextClassification:
      *rule = {true, false, false, 0, true};
      return Status();
    case schema::Task::TokenClassification:
      *rule = {false, true, false, 0, true};
      return Status();
    case schema::Task::QuestionAnswering:
      *rule = {false, true, false, 2, false};
      return Status();
    case schema::Task::FillMask:
      *rule = {false, true, true, 0, false};
      return Status();
    case schema::Task::FeatureExtraction:
      *rule = {true, true, false, 0, false};
      return Status();
    case schema::Task::NextSentence:
      *rule = {true, false, false, 2, false};
      return Status();
  }
  char what[32];
  snprintf(what, sizeof(what), "task %u", static_cast<unsigned>(task));
  return NotImplemented(where, what);
}

Status CheckEnums(const char* where, const schema::Head& head, const TaskRule& rule) {
  bool rows_fit = false;
  switch (head.rows()) {
    case schema::RowChoice::First:
      rows_fit = rule.first;
      break;
    case schema::RowChoice::All:
      rows_fit = rule.all;
      break;
    case schema::RowChoice::Listed:
      rows_fit = rule.listed;
      break;
  }
  if (head.features() != nullptr) rows_fit = head.rows() == schema::RowChoice::All;  // means are over all tokens
  if (!rows_fit) {
    return Status::Error(Code::kBadFile, "%s: row choice %u: not one of %s", where, static_cast<unsigned>(head.rows()),
                         schema::EnumNameTask(head.task()));
  }
  char what[32];
  if (head.problem_type() > schema::ProblemType::MAX) {
    snprintf(what, sizeof(what), "problem type %u", static_cast<unsigned>(head.problem_type()));
    return NotImplemented(where, what);
  }
  if (head.pooling() > schema::Pooling::MAX || *schema::EnumNamePooling(head.pooling()) == '\0') {
    snprintf(what, sizeof(what), "pooling %u", static_cast<unsigned>(head.pooling()));
    return NotImplemented(where, what);
  }
  if (head.task() != schema::Task::FeatureExtraction && (head.pooling() != schema::Pooling::None || head.normalize())) {
    return Status::Error(Code::kBadFile, "%s: pooling or normalization: only of FeatureExtraction", where);
  }
  if (head.task() != schema::Task::FeatureExtraction && head.text() != nullptr) {
    return Status::Error(Code::kBadFile, "%s: preparation of texts: only of FeatureExtraction", where);
  }
  if (head.rows() == schema::RowChoice::First && head.pooling() != schema::Pooling::None &&
      head.pooling() != schema::Pooling::Cls) {
    return Status::Error(Code::kBadFile, "%s: pooling %s: needs all rows and the head reads the first", where,
                         schema::EnumNamePooling(head.pooling()));
  }
  return Status();
}

Status CheckActivation(const char* where, schema::Activation activation) {
  if (activation > schema::Activation::MAX) {
    char what[32];
    snprintf(what, sizeof(what), "activation %u", static_cast<unsigned>(activation));
    return NotImplemented(where, what);
  }
  return Status();
}

// Each linear takes the width that the step before it left; what the last one leaves is returned, and
// whether there was a linear at all.
Status CheckSteps(const schema::Model& model, const char* head_where, const schema::Head& head, uint32_t* width,
                  bool* any_linear) {
  *any_linear = false;
  if (head.steps() == nullptr) return Status();
  PBERT_RETURN_IF_ERROR(CheckCount(head_where, "steps", head.steps()->size(), 0, kLimits.head_steps));
  // An output of fill-mask is a piece of the vocabulary.
  const bool fills = head.task() == schema::Task::FillMask;
  const uint32_t most = fills ? kLimits.vocabulary : kLimits.labels;
  char where[96];
  for (uint32_t i = 0; i < head.steps()->size(); ++i) {
    const schema::HeadStep& step = *head.steps()->Get(i);
    snprintf(where, sizeof(where), "%s: step %u", head_where, i);
    if (step.linear() != nullptr) {
      uint32_t rows = 0;
      // So that an exact sum of int8 products, of at most 255 times 128 each, is an int32.
      PBERT_RETURN_IF_ERROR(CheckCount(where, "inputs", *width, 1, kLimits.labels));
      PBERT_RETURN_IF_ERROR(CheckMatrix(model, where, step.linear()->weight(), *width, most, &rows));
      PBERT_RETURN_IF_ERROR(CheckLinear(model, where, *step.linear(), rows, *width, Bias::kOptional));
      *width = rows;
      *any_linear = true;
    }
    PBERT_RETURN_IF_ERROR(CheckActivation(where, step.activation()));
    if (step.norm() != nullptr) PBERT_RETURN_IF_ERROR(CheckNorm(model, where, *step.norm(), *width));
  }
  return Status();
}

Status CheckHead(const schema::Model& model, const schema::Head& head, uint32_t index) {
  char where[64];
  snprintf(where, sizeof(where), "head %u", index);
  TaskRule rule{};
  PBERT_RETURN_IF_ERROR(RuleFor(where, head.task(), &rule));
  PBERT_RETURN_IF_ERROR(CheckEnums(where, head, rule));
  if (!std::isfinite(head.reject_threshold()) || !std::isfinite(head.null_threshold())) {
    return Status::Error(Code::kBadFile, "%s: threshold: is not finite", where);
  }

  uint32_t outputs = model.encoder()->hidden_size();
  bool any_linear = false;
  PBERT_RETURN_IF_ERROR(CheckSteps(model, where, head, &outputs, &any_linear));
  PBERT_RETURN_IF_ERROR(CheckFeatureHead(model, where, head, &outputs));
  if (head.task() == schema::Task::FeatureExtraction) return Status();
  if (!any_linear && head.features() == nullptr) {
    return Status::Error(Code::kBadFile, "%s: %s: has no linear layer", where, schema::EnumNameTask(head.task()));
  }
  uint32_t expected = rule.outputs;
  if (head.task() == schema::Task::FillMask) {
    const int32_t token = model.encoder()->embeddings()->token();
    expected = model.tensors()->Get(static_cast<uint32_t>(token))->shape()->Get(0);
  }
  if (expected != 0 && outputs != expected) {
    return Status::Error(Code::kBadFile, "%s: %s: %u outputs, should be %u", where, schema::EnumNameTask(head.task()),
                         outputs, expected);
  }
  const uint32_t labels = head.labels() == nullptr ? 0 : head.labels()->size();
  if (labels != outputs && (rule.labelled || labels != 0)) {
    return Status::Error(Code::kBadFile, "%s: %u labels for %u outputs", where, labels, outputs);
  }
  return Status();
}

}  // namespace

Status ValidateHeads(const schema::Model& model) {
  PBERT_RETURN_IF_ERROR(CheckCount("file", "heads", model.heads()->size(), 1, kLimits.heads));
  for (uint32_t i = 0; i < model.heads()->size(); ++i) {
    const schema::Head& head = *model.heads()->Get(i);
    PBERT_RETURN_IF_ERROR(CheckHead(model, head, i));
    // A question names a task, and so its head.
    for (uint32_t before = 0; before < i; ++before) {
      if (model.heads()->Get(before)->task() != head.task()) continue;
      return Status::Error(Code::kBadFile, "head %u: %s: head %u is for this task already", i,
                           schema::EnumNameTask(head.task()), before);
    }
  }
  return Status();
}

}  // namespace pbert
