// Text classification: one score per label.
#ifndef POCKETBERT_TASKS_CLASSIFY_H_
#define POCKETBERT_TASKS_CLASSIFY_H_

#include <cstddef>

#include "base/arena.h"
#include "base/status.h"
#include "pocketbert/pocketbert.h"
#include "tasks/task.h"

namespace pbert {

// Arrays of `count` entries in the task's memory.
struct Classification {
  pbert_label_score* labels = nullptr;  // highest score first
  float* logits = nullptr;              // in label order
  float* scores = nullptr;              // in label order
  size_t count = 0;
  bool rejected = false;  // the top score is below the head's reject threshold
};

class ClassifyTask {
 public:
  static ClassifyTask Take(size_t label_count, Arena* arena);

  Status Run(const TextInput& input, TaskContext* context, const Classification** result);

  size_t label_count() const { return result_.count; }

 private:
  Classification result_;
};

}  // namespace pbert

#endif  // POCKETBERT_TASKS_CLASSIFY_H_
