// Masked-language modelling: which pieces of the vocabulary may stand in place of a mask.
#ifndef POCKETBERT_TASKS_FILL_MASK_H_
#define POCKETBERT_TASKS_FILL_MASK_H_

#include <cstddef>
#include <cstdint>
#include <span>

#include "base/arena.h"
#include "base/status.h"
#include "pocketbert/pocketbert.h"
#include "tasks/task.h"

namespace pbert {

struct FillMaskOptions {
  size_t top_k = 5;
  std::span<const int32_t> targets = {};  // ids; empty: all pieces
};

// Fills of one call in the caller's array, mask after mask, the best first.
struct Fills {
  std::span<pbert_fill> array;
  size_t count = 0;  // how many there are, whatever fits
};

class FillMaskTask {
 public:
  static FillMaskTask Take(size_t max_tokens, Arena* arena);

  Status Run(const TextInput& input, const FillMaskOptions& options, TaskContext* context, Fills* result);

 private:
  // Fails when the text has none.
  Status FindMasks(const TaskContext& context, std::span<const uint32_t>* rows);

  uint32_t* mask_rows_ = nullptr;  // [max_tokens]
};

}  // namespace pbert

#endif  // POCKETBERT_TASKS_FILL_MASK_H_
