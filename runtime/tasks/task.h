// What a task must say about itself so that one loop can run it on text of any length.
#ifndef POCKETBERT_TASKS_TASK_H_
#define POCKETBERT_TASKS_TASK_H_

#include "base/status.h"
#include "engine/network.h"

namespace pbert {

// One run of the network: the ids and the rows of the last layer that the task will read.
struct Window {
  NetworkInput input;
  RowSelection rows;
};

// A task (1) yields windows of token ids one at a time, (2) names in each the last-layer rows that it
// reads, and (3) folds each window's output into a result of bounded size, which it owns.
// A concrete task takes its input and returns its result through functions of its own type.
class Task {
 public:
  virtual ~Task() = default;
  // False when there is no further window.
  virtual bool NextWindow(Window* window) = 0;
  // Called once after each window has been encoded; reads network.hidden() or runs the head.
  virtual Status Fold(const Window& window, Network* network) = 0;
};

// Runs all windows of a task.
Status RunTask(Task* task, Network* network);

}  // namespace pbert

#endif  // POCKETBERT_TASKS_TASK_H_
