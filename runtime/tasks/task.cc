#include "tasks/task.h"

namespace pbert {

Status RunTask(Task* task, Network* network) {
  Window window;
  while (task->NextWindow(&window)) {
    PBERT_RETURN_IF_ERROR(network->Encode(window.input, window.rows));
    PBERT_RETURN_IF_ERROR(task->Fold(window, network));
  }
  return Status();
}

}  // namespace pbert
