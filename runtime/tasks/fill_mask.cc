#include "tasks/fill_mask.h"

#include <algorithm>
#include <cmath>
#include <string_view>

namespace pbert {
namespace {

Status CheckTargets(std::span<const int32_t> targets, size_t vocabulary) {
  for (const int32_t target : targets) {
    if (target < 0 || static_cast<size_t>(target) >= vocabulary) {
      return Status::Error(Code::kInvalidArgument, "fill mask: target %d: the vocabulary has ids 0 to %zu", target,
                           vocabulary - 1);
    }
  }
  return Status();
}

// The best pieces are kept sorted in the caller's array, so that nothing as large as the vocabulary is needed beside
// the head's own output.
void FillOne(std::span<const float> logits, std::span<const int32_t> targets, uint32_t token,
             std::span<pbert_fill> best) {
  const float highest = *std::max_element(logits.begin(), logits.end());
  double sum = 0.0;
  for (const float logit : logits) sum += std::exp(logit - highest);
  size_t size = 0;
  const size_t candidates = targets.empty() ? logits.size() : targets.size();
  for (size_t i = 0; i < candidates; ++i) {
    const int32_t id = targets.empty() ? static_cast<int32_t>(i) : targets[i];
    const float logit = logits[static_cast<size_t>(id)];
    if (size == best.size() && !(logit > best[size - 1].score)) continue;
    size_t place = size < best.size() ? size++ : size - 1;
    for (; place > 0 && logit > best[place - 1].score; --place) best[place] = best[place - 1];
    best[place] = {token, id, logit};
  }
  for (pbert_fill& fill : best) fill.score = static_cast<float>(std::exp(fill.score - highest) / sum);
}

}  // namespace

FillMaskTask FillMaskTask::Take(size_t max_tokens, Arena* arena) {
  FillMaskTask task;
  task.mask_rows_ = arena->Take<uint32_t>(max_tokens);
  return task;
}

Status FillMaskTask::FindMasks(const TaskContext& context, std::span<const uint32_t>* rows) {
  const Encoding& encoding = context.encoding;
  const int32_t mask_id = context.tokenizer->table().mask_id();
  size_t count = 0;
  for (uint32_t i = 0; i < encoding.size; ++i) {
    if (encoding.ids[i] == mask_id) mask_rows_[count++] = i;
  }
  *rows = {mask_rows_, count};
  if (count > 0) return Status();
  const std::string_view mask = context.tokenizer->piece(mask_id);
  return Status::Error(Code::kInvalidArgument, "fill mask: the text has no %.*s%s", static_cast<int>(mask.size()),
                       mask.data(), encoding.truncated ? " before the place where it was cut" : "");
}

Status FillMaskTask::Run(const TextInput& input, const FillMaskOptions& options, TaskContext* context, Fills* result) {
  PBERT_RETURN_IF_ERROR(context->Require(schema::Task::FillMask, "fill mask"));
  PBERT_RETURN_IF_ERROR(context->Tokenize(input));
  std::span<const uint32_t> masks;
  PBERT_RETURN_IF_ERROR(FindMasks(*context, &masks));
  PBERT_RETURN_IF_ERROR(context->RunNetwork(RowSelection{schema::RowChoice::Listed, masks}));
  const size_t vocabulary = context->network->head_outputs();
  PBERT_RETURN_IF_ERROR(CheckTargets(options.targets, vocabulary));
  const size_t kept = std::min(options.top_k, options.targets.empty() ? vocabulary : options.targets.size());
  result->count = masks.size() * kept;
  for (size_t mask = 0; mask < masks.size() && mask * kept < result->array.size(); ++mask) {
    const float* logits = nullptr;
    PBERT_RETURN_IF_ERROR(context->network->RunHead(context->RowOf(mask), 1, &logits));
    FillOne({logits, vocabulary}, options.targets, masks[mask],
            result->array.subspan(mask * kept, std::min(kept, result->array.size() - mask * kept)));
  }
  return Status();
}

}  // namespace pbert
