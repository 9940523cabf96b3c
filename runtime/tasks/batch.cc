#include "tasks/batch.h"

#include <algorithm>
#include <span>

namespace pbert {

Status TextPass::Add(const TextInput& input, bool* fits) {
  Encoding& encoding = context_->encoding;
  encoding = whole_.From(tokens_);
  const Status status = context_->Tokenize(input);
  // What was cut here, or could not be, may have room enough without the texts before.
  *fits = empty() || (status.ok() && !encoding.truncated) ||
          (input.max_tokens != 0 && input.max_tokens <= encoding.capacity && !input.encode.only_first);
  if (!*fits) return Status();
  PBERT_RETURN_IF_ERROR(status);
  context_->batch.starts[count_] = static_cast<uint32_t>(tokens_);
  context_->batch.truncated[count_++] = encoding.truncated;
  tokens_ += encoding.size;
  return Status();
}

Status TextPass::RunNetwork(size_t first, size_t count, schema::RowChoice rows) {
  const size_t begin = context_->batch.starts[first];
  const size_t size = EndOf(first + count - 1) - begin;
  NetworkInput input{.ids = {whole_.ids + begin, size}, .type_ids = {whole_.type_ids + begin, size}};
  if (count > 1) input.starts = {context_->batch.starts, count};
  return context_->RunNetworkOn(input, rows);
}

size_t TextPass::FirstRow(size_t text, schema::RowChoice rows) const {
  const schema::RowChoice computed = context_->kept.present() ? context_->kept.rows : rows;
  return computed == schema::RowChoice::First ? text : context_->batch.starts[text];
}

void TextPass::Show(size_t text) {
  const size_t begin = context_->batch.starts[text];
  context_->encoding = whole_.From(begin);
  context_->encoding.size = EndOf(text) - begin;
  context_->encoding.truncated = context_->batch.truncated[text];
}

// The session's encoding holds what was last seen, at its beginning as always.
void TextPass::Clear() {
  const Encoding last = context_->encoding;
  const auto move = [&last](const auto* from, auto* to) {
    if (from != to) std::copy_n(from, last.size, to);
  };
  move(last.ids, whole_.ids);
  move(last.type_ids, whole_.type_ids);
  move(last.sources, whole_.sources);
  move(last.begins, whole_.begins);
  move(last.ends, whole_.ends);
  context_->encoding = whole_;
  context_->encoding.size = last.size;
  context_->encoding.truncated = last.truncated;
  tokens_ = count_ = 0;
}

}  // namespace pbert
