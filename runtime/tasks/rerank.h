// Reranking: which of several texts answers a query best, by a cross-encoder, which reads each together with the query.
#ifndef POCKETBERT_TASKS_RERANK_H_
#define POCKETBERT_TASKS_RERANK_H_

#include <span>

#include "base/status.h"
#include "pocketbert/pocketbert.h"
#include "tasks/classify.h"
#include "tasks/task.h"

namespace pbert {

// Asks the head of text classification, whose memory it uses, once for each candidate: pairs of input.text and the
// candidate, the longer one cut first, to model_max_length unless input says otherwise. sentence-transformers'
// CrossEncoder.rank().
class RerankTask {
 public:
  static Status Run(const TextInput& input, std::span<const pbert_text> candidates, ClassifyTask* classify,
                    TaskContext* context, TextScores* result);
};

}  // namespace pbert

#endif  // POCKETBERT_TASKS_RERANK_H_
