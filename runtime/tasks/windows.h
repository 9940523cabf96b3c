// The one loop over a text that is longer than the network: windows of tokens that overlap.
#ifndef POCKETBERT_TASKS_WINDOWS_H_
#define POCKETBERT_TASKS_WINDOWS_H_

#include <cstddef>
#include <cstdint>

#include "base/status.h"
#include "tasks/task.h"
#include "text/token_stream.h"

namespace pbert {

// The part of a text that the encoding holds now.
struct Window {
  size_t begin = 0, end = 0;  // the text's tokens in the encoding
  size_t first_token = 0;     // how many tokens of the text come before them
  size_t number = 0;          // of the window, from 0
  bool last = false;

  // What the window counts where several are averaged.
  float weight() const { return static_cast<float>(end > begin ? end - begin : 1); }
};

struct WindowOptions {
  const char* function = "";  // begins the messages
  uint32_t max_tokens = 0;    // of a window, special ones included; at most the context's
  size_t stride = 0;          // tokens that neighbours share; less than a window has room for
  uint32_t* words = nullptr;  // [max_tokens]: TokenStream::word of each token of the window, for those who ask
};

// Fills the context's encoding with window after window over the text, or over the second text of a pair, of which the
// first comes whole into every window. They are laid as the reference lays them: from the side that the tokenizer
// keeps, and the last one takes what is left over. The text is read once, as a stream (a second time before that where
// the tokenizer keeps ends), so time is linear in the tokens of all windows and memory fixed. One thread at a time.
class TextWindows {
 public:
  TextWindows(const TextInput& input, const WindowOptions& options, TaskContext* context);
  // Once, before Next. Errors: the frame and the first text of a pair leave no room.
  Status Begin();
  // The next window; not to be called behind the last one. An error when the stride is a whole window.
  Status Next(Window* window);

 private:
  Status AppendPrefix();
  Status NoRoom() const;

  const WindowOptions options_;
  const TextInput& input_;
  TaskContext* const context_;
  TokenStream* stream_ = nullptr;
  Token token_;
  bool more_ = false;
  size_t begin_ = 0;      // where the text's tokens begin in each window
  size_t limit_ = 0;      // where they end at most, in the next one
  size_t full_ = 0;       // and in all behind it
  size_t streamed_ = 0;   // index in the frame of the text that is read in windows
  uint32_t type_id_ = 0;  // of its tokens
  Window window_;
};

// Calls visit(window), which returns a Status, for each window over the input, whose tokens are in the context's
// encoding then, until *stopped, which may be null, is true; or once, for what is left of the input when it is cut, if
// it says no stride.
template <typename Visit>
Status ForEachWindow(const char* function, const TextInput& input, TaskContext* context, const Visit& visit,
                     const bool* stopped = nullptr) {
  if (!input.stride) {
    PBERT_RETURN_IF_ERROR(context->Tokenize(input));
    Window whole{.begin = 0, .end = context->encoding.size, .last = true};
    const TokenSource* const sources = context->encoding.sources;
    while (whole.begin < whole.end && sources[whole.begin] == TokenSource::kSpecial) ++whole.begin;
    while (whole.begin < whole.end && sources[whole.end - 1] == TokenSource::kSpecial) --whole.end;
    return visit(whole);
  }
  if (input.has_pair) {
    return Status::Error(Code::kInvalidArgument, "%s: a stride is for one text, not for a pair", function);
  }
  uint32_t limit = 0;
  PBERT_RETURN_IF_ERROR(context->Limit(input, &limit));
  TextWindows windows(input, {.function = function, .max_tokens = limit, .stride = *input.stride}, context);
  PBERT_RETURN_IF_ERROR(windows.Begin());
  for (Window window; !window.last && !(stopped != nullptr && *stopped);) {
    PBERT_RETURN_IF_ERROR(windows.Next(&window));
    PBERT_RETURN_IF_ERROR(visit(window));
  }
  return Status();
}

}  // namespace pbert

#endif  // POCKETBERT_TASKS_WINDOWS_H_
