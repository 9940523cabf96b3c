// The C interface's enums have the numbers of what they stand for, in the runtime and in the file, so that a cast
// translates. Nothing here makes code: a number that moves stops the build.
#include "base/status.h"
#include "engine/backend.h"
#include "entities/entities.h"
#include "pocketbert/pocketbert.h"
#include "schema/model_generated.h"
#include "tasks/tag.h"

namespace pbert {
namespace {

template <typename A, typename B>
constexpr bool Same(A a, B b) {
  return static_cast<int64_t>(a) == static_cast<int64_t>(b);
}

static_assert(Same(PBERT_OK, Code::kOk) && Same(PBERT_INVALID_ARGUMENT, Code::kInvalidArgument) &&
              Same(PBERT_IO, Code::kIo) && Same(PBERT_BAD_FILE, Code::kBadFile) &&
              Same(PBERT_UNSUPPORTED, Code::kUnsupported) && Same(PBERT_NO_MEMORY, Code::kNoMemory));

static_assert(Same(PBERT_AUTO, BackendKind::kAuto) && Same(PBERT_XNNPACK, BackendKind::kXnnpack) &&
              Same(PBERT_NATIVE, BackendKind::kNative) && Same(PBERT_REFERENCE, BackendKind::kReference));

static_assert(Same(PBERT_TEXT_CLASSIFICATION, schema::Task::TextClassification) &&
              Same(PBERT_TOKEN_CLASSIFICATION, schema::Task::TokenClassification) &&
              Same(PBERT_QUESTION_ANSWERING, schema::Task::QuestionAnswering) &&
              Same(PBERT_FILL_MASK, schema::Task::FillMask) &&
              Same(PBERT_FEATURE_EXTRACTION, schema::Task::FeatureExtraction) &&
              Same(PBERT_NEXT_SENTENCE, schema::Task::NextSentence));

static_assert(Same(PBERT_SINGLE_LABEL, schema::ProblemType::SingleLabel) &&
              Same(PBERT_MULTI_LABEL, schema::ProblemType::MultiLabel) &&
              Same(PBERT_REGRESSION, schema::ProblemType::Regression));

static_assert(Same(PBERT_AGGREGATE_NONE, Aggregation::kNone) && Same(PBERT_AGGREGATE_SIMPLE, Aggregation::kSimple) &&
              Same(PBERT_AGGREGATE_FIRST, Aggregation::kFirst) &&
              Same(PBERT_AGGREGATE_AVERAGE, Aggregation::kAverage) && Same(PBERT_AGGREGATE_MAX, Aggregation::kMax));

static_assert(Same(PBERT_POOL_TOKENS, schema::Pooling::None) && Same(PBERT_POOL_CLS, schema::Pooling::Cls) &&
              Same(PBERT_POOL_MEAN, schema::Pooling::Mean) && Same(PBERT_POOL_MAX, schema::Pooling::Max));

static_assert(Same(PBERT_NUMBER, EntityKind::kNumber) && Same(PBERT_ORDINAL, EntityKind::kOrdinal) &&
              Same(PBERT_DATE, EntityKind::kDate) && Same(PBERT_TIME, EntityKind::kTime) &&
              Same(PBERT_DATE_TIME, EntityKind::kDateTime) && Same(PBERT_DURATION, EntityKind::kDuration) &&
              Same(PBERT_MONEY, EntityKind::kMoney) && Same(PBERT_EMAIL, EntityKind::kEmail) &&
              Same(PBERT_URL, EntityKind::kUrl) && Same(PBERT_PHONE, EntityKind::kPhone));

}  // namespace
}  // namespace pbert
