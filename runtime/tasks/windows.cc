#include "tasks/windows.h"

#include <algorithm>

namespace pbert {
namespace {

const auto& FrameOf(const Tokenizer& tokenizer, const TextInput& input) {
  return input.has_pair ? *tokenizer.table().frame_pair() : *tokenizer.table().frame_single();
}

// How many tokens the first window takes, of `room` for them. Where beginnings are cut, windows are laid from the end
// of the text, and what is left over is the first one's.
size_t FirstWindow(const Tokenizer& tokenizer, std::string_view text, size_t room, size_t stride,
                   TokenizerScratch* scratch) {
  if (!tokenizer.table().truncate_left() || stride >= room) return room;  // the latter is refused where it matters
  TokenStream& stream = scratch->Begin(text);
  Token token;
  size_t count = 0;
  while (stream.Next(&token)) ++count;
  if (count <= room) return room;
  const size_t step = room - stride;
  return count - (count - room + step - 1) / step * step;
}

}  // namespace

TextWindows::TextWindows(const TextInput& input, const WindowOptions& options, TaskContext* context)
    : options_(options), input_(input), context_(context) {}

Status TextWindows::NoRoom() const {
  return Status::Error(Code::kInvalidArgument,
                       input_.has_pair ? "%s: the question and the special tokens leave no room for the context in a "
                                         "window of %u tokens"
                                       : "%s: the special tokens leave no room for the text in a window of %u tokens",
                       options_.function, options_.max_tokens);
}

// What comes before the text in every window, and stays where it is.
Status TextWindows::AppendPrefix() {
  const auto& frame = FrameOf(*context_->tokenizer, input_);
  const schema::FrameItem streamed = input_.has_pair ? schema::FrameItem::Second : schema::FrameItem::First;
  const size_t special = frame.size() - (input_.has_pair ? 2 : 1);
  Encoding* const encoding = &context_->encoding;
  encoding->size = 0;
  encoding->truncated = false;
  if (special + (input_.has_pair ? 2 : 1) > std::min<size_t>(options_.max_tokens, encoding->capacity)) return NoRoom();
  for (streamed_ = 0; frame.Get(static_cast<uint32_t>(streamed_))->item() != streamed; ++streamed_) {
    const schema::FramePiece& piece = *frame.Get(static_cast<uint32_t>(streamed_));
    if (piece.item() == schema::FrameItem::SpecialToken) {
      encoding->AppendSpecial(piece);
      continue;
    }
    TokenStream& stream = context_->scratch.Begin(input_.text);
    Token token;
    while (stream.Next(&token)) {
      // What is in the encoding of the frame is counted twice, which costs a window of almost nothing but frame.
      if (encoding->size + special >= options_.max_tokens) return NoRoom();
      encoding->Append(token.id, piece.type_id(), TokenSource::kFirst, token.begin, token.end);
    }
  }
  type_id_ = frame.Get(static_cast<uint32_t>(streamed_))->type_id();
  const size_t suffix = frame.size() - streamed_ - 1;
  if (encoding->size + suffix > options_.max_tokens) return NoRoom();
  begin_ = encoding->size;
  full_ = options_.max_tokens - suffix;
  return Status();
}

Status TextWindows::Begin() {
  PBERT_RETURN_IF_ERROR(AppendPrefix());
  const std::string_view text = input_.has_pair ? input_.pair : input_.text;
  limit_ = begin_ + FirstWindow(*context_->tokenizer, text, full_ - begin_, options_.stride, &context_->scratch);
  stream_ = &context_->scratch.Begin(text);
  more_ = stream_->Next(&token_);
  window_ = {.begin = begin_, .end = begin_};
  return Status();
}

Status TextWindows::Next(Window* window) {
  Encoding* const encoding = &context_->encoding;
  if (window_.end > window_.begin) {  // not the first one: it begins with the end of the one before
    const size_t end = window_.end;
    encoding->size = begin_;
    for (size_t i = end - options_.stride; i < end; ++i) {
      if (options_.words != nullptr) options_.words[encoding->size] = options_.words[i];
      encoding->Append(encoding->ids[i], encoding->type_ids[i], encoding->sources[i], encoding->begins[i],
                       encoding->ends[i]);
    }
    window_.first_token += end - begin_ - options_.stride;
    ++window_.number;
  }
  for (; more_ && encoding->size < limit_; more_ = stream_->Next(&token_)) {
    if (options_.words != nullptr) options_.words[encoding->size] = stream_->word();
    encoding->Append(token_.id, type_id_, input_.has_pair ? TokenSource::kSecond : TokenSource::kFirst, token_.begin,
                     token_.end);
  }
  limit_ = full_;
  window_.end = encoding->size;
  window_.last = !more_;
  // Only a text that does not fit needs windows that share something. Compared so that nothing wraps around.
  const size_t room = window_.end - window_.begin;
  if (more_ && options_.stride >= room) {
    return Status::Error(Code::kInvalidArgument,
                         "%s: %sa window of %u tokens has room for %zu of the %s, which is no more than the stride of "
                         "%zu: make it smaller",
                         options_.function, input_.has_pair ? "beside the question " : "", options_.max_tokens, room,
                         input_.has_pair ? "context" : "text", options_.stride);
  }
  // Written behind what is shared, so that this is still there when the next window begins.
  const auto& frame = FrameOf(*context_->tokenizer, input_);
  for (size_t i = streamed_ + 1; i < frame.size(); ++i) encoding->AppendSpecial(*frame.Get(static_cast<uint32_t>(i)));
  *window = window_;
  return Status();
}

}  // namespace pbert
