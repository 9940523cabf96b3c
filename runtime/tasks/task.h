// What all tasks share: the text that is asked about, and what a session lends to a task to answer with.
//
// A task is a class with what it leaves behind in the session's arena:
//   static XTask Take(…, Arena*)   its memory; from a counting arena the same without memory
//   Status Run(input, options, context, result)   answers one question; the result lives until the next one
#ifndef POCKETBERT_TASKS_TASK_H_
#define POCKETBERT_TASKS_TASK_H_

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "base/status.h"
#include "engine/network.h"
#include "schema/model_generated.h"
#include "text/encoding.h"
#include "text/tokenizer.h"

namespace pbert {

// A text or a pair of texts. Not kept beyond the call that it is given to.
struct TextInput {
  std::string_view text = {};
  std::string_view pair = {};
  bool has_pair = false;
  uint32_t max_tokens = 0;  // truncate to this many; 0: the session's limit, or less where a task says so
  // Do not truncate, but read a text without a pair in windows of so many that share `stride` tokens.
  std::optional<uint32_t> stride = {};
  EncodeOptions encode = {};
};

// One thread at a time.
struct TaskContext {
  const schema::Head* head = nullptr;
  const Tokenizer* tokenizer = nullptr;
  uint32_t max_tokens = 0;
  uint32_t truncation_tokens = 0;  // at most max_tokens
  TokenizerScratch scratch = {};
  Encoding encoding = {};  // the tokens of the last input, as the network saw them
  Network* network = nullptr;

  // An error that says `function` when the model was made for another task.
  Status Require(schema::Task task, const char* function) const;

  // How many tokens the network may see at once: the input's own limit or the session's. An error if it asks for more.
  Status Limit(const TextInput& input, uint32_t* limit) const;

  // Tokenizes `input` into `encoding`, truncated to the smaller of its own and the session's limit.
  Status Tokenize(const TextInput& input);

  // Runs the network on `encoding`, and shows what passes through it to `tap`, which may be null.
  Status RunNetwork(const RowSelection& rows, const HiddenStateTap* tap = nullptr);

  // Calls visit(row, outputs) for each row that the network kept: the head's outputs for it, valid for the call.
  template <typename Visit>
  Status ForEachRow(const Visit& visit) {
    const size_t count = network->rows();
    for (size_t row = 0; row < count;) {
      const size_t rows = std::min(network->max_head_rows(), count - row);
      const float* outputs = nullptr;
      PBERT_RETURN_IF_ERROR(network->RunHead(row, rows, &outputs));
      for (size_t i = 0; i < rows; ++i, ++row) visit(row, outputs + i * network->head_outputs());
    }
    return Status();
  }
};

}  // namespace pbert

#endif  // POCKETBERT_TASKS_TASK_H_
