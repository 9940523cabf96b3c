// What the batch functions of the C interface have in common.
#ifndef POCKETBERT_C_API_BATCH_CALL_H_
#define POCKETBERT_C_API_BATCH_CALL_H_

#include "c_api/handles.h"
#include "tasks/batch.h"

namespace pbert {

// The caller's inputs, and results made by kResultOf for its visitor. Must outlive the call that `calls` is for.
template <typename Found, typename Full, Full (*kResultOf)(const Found& found, const TaskContext& context)>
struct BatchCall {
  const TaskContext& session;
  int (*visitor)(void* context, uint32_t index, const Full* result);
  void* context;
  InputArray inputs;

  BatchCalls<Found> calls() {
    const auto read = [](void* self, size_t index, TextInput* input) {
      return static_cast<BatchCall*>(self)->inputs.Read(index, input);
    };
    const auto visit = [](void* self, size_t index, const Found& found) {
      const BatchCall& to = *static_cast<BatchCall*>(self);
      const Full result = kResultOf(found, to.session);
      return to.visitor(to.context, static_cast<uint32_t>(index), &result);
    };
    return {this, read, visit};
  }
};

}  // namespace pbert

#endif  // POCKETBERT_C_API_BATCH_CALL_H_
