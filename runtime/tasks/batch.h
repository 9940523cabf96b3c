// Several texts in one pass of the network. Their rows stand one behind the other, without padding, in the room of one
// text of max_tokens; each gets the answer that it would get alone.
#ifndef POCKETBERT_TASKS_BATCH_H_
#define POCKETBERT_TASKS_BATCH_H_

#include <cstddef>
#include <cstdint>

#include "base/status.h"
#include "tasks/task.h"

namespace pbert {

// Where the texts of a batch come from, in order, and where their answers go. `read` may be asked twice for a text;
// what its input points to lives until the next call. `visit` returns 0 to go on, and must not ask the session.
template <typename Result>
struct BatchCalls {
  void* context = nullptr;
  Status (*read)(void* context, size_t index, TextInput* input) = nullptr;
  int (*visit)(void* context, size_t index, const Result& result) = nullptr;

  // Hands out a result. True: the visitor wants no more.
  bool Stops(size_t index, const Result& result, TaskContext* session) const {
    return session->Visit([&] { return visit(context, index, result); }) != 0;
  }
};

// The texts of one pass. The context's encoding is the text that is being tokenized or answered, and behind that the
// last one of these. One thread at a time.
class TextPass {
 public:
  explicit TextPass(TaskContext* context) : context_(context), whole_(context->encoding) {}
  ~TextPass() { Clear(); }
  TextPass(const TextPass&) = delete;
  TextPass& operator=(const TextPass&) = delete;

  bool empty() const { return count_ == 0; }
  bool full() const { return tokens_ >= kRows || count_ == BatchTexts::kMost; }
  // Tokenizes a text behind those that are there. *fits is false, and nothing has changed, where it has to wait until
  // they are gone.
  Status Add(const TextInput& input, bool* fits);

  // Runs the network on all texts and calls answer(row) for each, with the context's encoding on it: where the first
  // of its rows is. Until *stopped. The pass is empty then, also behind an error.
  template <typename Answer>
  Status Run(schema::RowChoice rows, const bool* stopped, const Answer& answer) {
    // Where they fail together the first that is at fault has to be found.
    const bool together = RunNetwork(0, count_, rows).ok();
    Status status;
    for (size_t i = 0; i < count_ && status.ok() && !*stopped; ++i) {
      Show(i);
      if (!together) status = RunNetwork(i, 1, rows);
      if (status.ok()) status = answer(together ? FirstRow(i, rows) : 0);
    }
    Clear();
    return status;
  }

 private:
  // Tokens that are enough for one pass. DistilBERT-base's shape on an EPYC with VNNI, texts of 7 tokens on average,
  // ratios to one by one at 16, 32, 64, 128 and 256 tokens: 1.10, 1.14, 1.16, 1.15, 1.16 on one core; 1.19, 1.23, 1.27,
  // 1.26, 1.27 on two. Of the 384 wide ones some got slower from 128 on.
  static constexpr size_t kRows = 64;

  Status RunNetwork(size_t first, size_t count, schema::RowChoice rows);
  size_t FirstRow(size_t text, schema::RowChoice rows) const;
  size_t EndOf(size_t text) const { return text + 1 < count_ ? context_->batch.starts[text + 1] : tokens_; }
  void Show(size_t text);
  void Clear();

  TaskContext* const context_;
  const Encoding whole_;  // the session's
  size_t tokens_ = 0, count_ = 0;
};

// Answers `count` texts in order, pass by pass, until *stopped, by what return a Status each:
//   add(index, pass, &fits, &alone): adds the text to the pass, or says that it has to be answered alone
//   alone(index): answers it so
//   answer(index, row): answers a text of a pass, whose first row is there and whose tokens the context's encoding has
// An error begins with the index of its text; those before it are answered.
template <typename Add, typename Alone, typename Answer>
Status ForEachOfBatch(size_t count, schema::RowChoice rows, TaskContext* context, const bool* stopped, const Add& add,
                      const Alone& alone, const Answer& answer) {
  TextPass pass(context);
  size_t done = 0;
  const auto run = [&] {
    return pass.Run(rows, stopped, [&](size_t row) {
      PBERT_RETURN_IF_ERROR(answer(done, row));
      ++done;
      return Status();
    });
  };
  Status status;
  for (size_t i = 0; i < count && status.ok() && !*stopped; ++i) {
    bool fits = true, is_alone = false;
    Status added = add(i, &pass, &fits, &is_alone);
    if (!pass.empty() && (!added.ok() || !fits || is_alone)) {
      status = run();
      if (!status.ok() || *stopped) break;
      if (!fits) added = add(i, &pass, &fits, &is_alone);
    }
    status = added;
    if (status.ok() && is_alone) {
      status = alone(i);
      if (status.ok()) ++done;
    }
    if (status.ok() && pass.full()) status = run();
  }
  if (status.ok() && !pass.empty() && !*stopped) status = run();
  return status.ok() ? status : Status::Error(status.code(), "inputs[%zu]: %s", done, status.message());
}

}  // namespace pbert

#endif  // POCKETBERT_TASKS_BATCH_H_
