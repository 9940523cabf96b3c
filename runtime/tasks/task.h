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

#include "base/arena.h"
#include "base/status.h"
#include "engine/network.h"
#include "model/model.h"
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

// A head that a session answers with, and its number in the file.
struct ServedHead {
  const schema::Head* head = nullptr;  // null: the session has none for the task
  uint32_t number = 0;
};

// The tokens to which the network's states belong, where several heads ask: the next question about the same tokens
// does not run the encoder again, whichever head it is for. In the session's arena.
struct KeptStates {
  // Room for so many tokens.
  static KeptStates Take(size_t max_tokens, Arena* arena);
  bool present() const { return ids != nullptr; }
  bool Are(const Encoding& encoding) const;
  void Set(const Encoding& encoding);

  int32_t* ids = nullptr;
  uint8_t* type_ids = nullptr;
  size_t size = 0;                                    // 0: the states belong to nothing
  schema::RowChoice rows = schema::RowChoice::First;  // of the last layer: all that any of the heads may read
};

// Of the texts that one pass of the network sees together (batch.h). In the session's arena.
struct BatchTexts {
  static constexpr size_t kMost = 64;
  static BatchTexts Take(Arena* arena);

  uint32_t* starts = nullptr;  // [kMost]: where the tokens of each begin
  bool* truncated = nullptr;   // [kMost]
};

inline constexpr size_t kTaskCount = static_cast<size_t>(schema::Task::MAX) + 1;

// The error for a session that has no head for `task`: it says `function`, and which tasks the model has.
Status NoSuchHead(const Model& model, schema::Task task, const char* function);

// One thread at a time.
struct TaskContext {
  const Model* model = nullptr;
  const schema::Head* head = nullptr;  // that answers; before the first question the first one that is served
  ServedHead served[kTaskCount];       // by task
  KeptStates kept = {};                // not present with one head
  BatchTexts batch = {};
  const HiddenStateTap* features = nullptr;  // sees whatever passes through the network, for a head with features
  RowSelection read = {};                    // the rows that the question asked for
  const Tokenizer* tokenizer = nullptr;
  uint32_t max_tokens = 0;
  uint32_t truncation_tokens = 0;  // at most max_tokens
  TokenizerScratch scratch = {};
  Encoding encoding = {};  // the tokens of the last input, as the network saw them
  Network* network = nullptr;

  bool Serves(schema::Task task) const { return served[static_cast<size_t>(task)].head != nullptr; }
  // Makes the head for `task` the one that answers; an error that says `function` when there is none.
  Status Require(schema::Task task, const char* function);

  // How many tokens the network may see at once: the input's own limit or the session's. An error if it asks for more.
  Status Limit(const TextInput& input, uint32_t* limit) const;

  // Runs what a visitor of the caller's does. Until it returns the session answers no questions: Require, which all of
  // them call first, says so.
  template <typename Visitor>
  auto Visit(const Visitor& visitor) {
    visiting = true;
    const auto result = visitor();
    visiting = false;
    return result;
  }
  bool visiting = false;

  // Tokenizes `input` into `encoding`, truncated to the smaller of its own and the session's limit.
  Status Tokenize(const TextInput& input);

  // Runs the network on `encoding`, and shows what passes through it to `tap`, which may be null. With several heads it
  // need not run if its states are those of `encoding`, and may have more rows than are asked for: `rows()` of them,
  // and RowOf says where.
  Status RunNetwork(const RowSelection& rows, const HiddenStateTap* tap = nullptr);
  // Runs it on other tokens, and with several heads on the rows that any of them reads; no states are kept.
  Status RunNetworkOn(const NetworkInput& input, schema::RowChoice rows);
  size_t rows() const;
  // The network's row where the asked for row `index` is.
  size_t RowOf(size_t index) const;

  // Calls visit(row, outputs) for each row that was asked for, the first or all: the head's outputs for it, valid for
  // the call.
  template <typename Visit>
  Status ForEachRow(const Visit& visit) {
    const size_t count = rows();
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
