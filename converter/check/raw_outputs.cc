#include "converter/check/raw_outputs.h"

#include <algorithm>

#include "converter/support/error.h"

namespace pbert::converter {

RawModel::RawModel(const std::filesystem::path& file, const RawOptions& options)
    : name_(file.string()), head_(options.head) {
  OpenOptions open;
  open.verify_data = options.verify_data;
  ThrowIfError(Model::OpenPath(name_.c_str(), open, &model_));
  Check(PackedModel::Create(*model_, options.backend, &prepared_));
  Check(prepared_->Pack(nullptr, 0));
  Check(Tokenizer::Open(*model_, &tokenizer_));
  SessionOptions session;
  session.max_tokens = std::min(options.max_tokens, model_->max_tokens(head_));
  session.tasks = 1u << static_cast<uint32_t>(head().task());
  session.threads = options.threads;
  Check(session_.Create(*prepared_, tokenizer_, session, nullptr, 0));
}

// The library's messages name the file only where it is opened.
void RawModel::Check(const Status& status) const {
  if (!status.ok()) throw Error(name_ + ": " + status.message());
}

void RawModel::Encode(const TextInput& input, const HiddenStateTap* tap) {
  if (!TryEncode(input, tap)) throw Error("the text has no tokens, and this model's tokenizer adds none");
}

bool RawModel::TryEncode(const TextInput& input, const HiddenStateTap* tap) {
  Check(session_.context()->Tokenize(input));
  if (session_.encoding().size == 0) return false;
  RowSelection rows;
  const bool first_only = tap == nullptr && head().rows() == schema::RowChoice::First;
  rows.choice = first_only ? schema::RowChoice::First : schema::RowChoice::All;
  Check(session_.context()->RunNetwork(rows, tap));
  return true;
}

std::vector<float> RawModel::Outputs(size_t first, size_t count) {
  std::vector<float> all;
  all.reserve(count * columns());
  for (size_t done = 0; done < count;) {
    const size_t rows = std::min(count - done, network().max_head_rows());
    const float* outputs = nullptr;
    Check(network().RunHead(first + done, rows, &outputs));
    all.insert(all.end(), outputs, outputs + rows * columns());
    done += rows;
  }
  return all;
}

std::vector<float> RawModel::Outputs() {
  const bool one = head().task() == schema::Task::FillMask;
  const bool first = head().rows() == schema::RowChoice::First;
  return Outputs(one ? rows() / 2 : 0, one || first ? 1 : rows());
}

}  // namespace pbert::converter
