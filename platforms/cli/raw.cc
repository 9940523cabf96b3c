#include "platforms/cli/raw.h"

#include <algorithm>

#include "platforms/cli/json_output.h"
#include "platforms/cli/output.h"

namespace pbert::cli {
namespace {

// Column `first` of every `step` numbers: with step 1 all of them.
Json Numbers(const std::vector<float>& values, size_t first = 0, size_t step = 1) {
  Json list = Json::array();
  for (size_t i = first; i < values.size(); i += step) list.push_back(Number(values[i]));
  return list;
}

}  // namespace

void RawRunner::Answer(size_t number, const Request& request) {
  TextInput input;
  input.text = request.text;
  // An empty second text is none, but to question answering, which always has two.
  const bool needs_pair = model_.head().task() == schema::Task::QuestionAnswering;
  input.has_pair = request.pair.has_value() && (needs_pair || !request.pair->empty());
  if (input.has_pair) input.pair = *request.pair;
  input.max_tokens = std::min(CutAt(request, model_.model().truncation_tokens()), model_.max_tokens());
  input.encode.only_first = WhatIsCut(request) == PBERT_ONLY_FIRST;
  input.encode.only_second = WhatIsCut(request) == PBERT_ONLY_SECOND;
  model_.Encode(input);
  ++count_;
  if (model_.encoding().truncated) truncation_.Add(number, static_cast<uint32_t>(model_.ids().size()));

  const size_t rows = model_.rows(), columns = model_.columns();
  const std::vector<float> outputs = model_.Outputs(0, rows);
  const bool single = model_.head().rows() == schema::RowChoice::First;
  Json raw;
  raw["input_ids"] = std::vector<int32_t>(model_.ids().begin(), model_.ids().end());
  switch (model_.head().task()) {
    case schema::Task::QuestionAnswering:
      raw["start_logits"] = Numbers(outputs, 0, 2);
      raw["end_logits"] = Numbers(outputs, 1, 2);
      raw["shape"] = {1, rows};
      break;
    case schema::Task::FeatureExtraction:
      raw["last_hidden_state"] = Numbers(outputs);
      raw["shape"] = {1, rows, columns};
      break;
    default:
      raw["logits"] = Numbers(outputs);
      raw["shape"] = single ? Json{1, columns} : Json{1, rows, columns};
  }
  Out().WriteExactLine(Dump(raw));
  Out().Flush();
}

void RawRunner::Fail(const std::string& why) const {
  Out().WriteExactLine(Dump({{"error", why}}));
  Out().Flush();
}

}  // namespace pbert::cli
