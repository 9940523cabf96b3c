#include "tasks/task.h"

#include <cstdio>
#include <cstring>

namespace pbert {

namespace {

// "FillMask, NextSentence".
struct TaskNames {
  explicit TaskNames(const Model& model) {
    size_t used = 0;
    for (size_t i = 0; i < model.head_count() && used < sizeof(text); ++i) {
      used += static_cast<size_t>(snprintf(text + used, sizeof(text) - used, "%s%s", i == 0 ? "" : ", ",
                                           schema::EnumNameTask(model.head(i).task())));
    }
  }
  char text[160] = "";  // more than the names of all tasks together
};

}  // namespace

KeptStates KeptStates::Take(size_t max_tokens, Arena* arena) {
  KeptStates kept;
  kept.ids = arena->Take<int32_t>(max_tokens);
  kept.type_ids = arena->Take<uint8_t>(max_tokens);
  return kept;
}

bool KeptStates::Are(const Encoding& encoding) const {
  return size != 0 && size == encoding.size && memcmp(ids, encoding.ids, size * sizeof(*ids)) == 0 &&
         memcmp(type_ids, encoding.type_ids, size * sizeof(*type_ids)) == 0;
}

void KeptStates::Set(const Encoding& encoding) {
  size = encoding.size;
  memcpy(ids, encoding.ids, size * sizeof(*ids));
  memcpy(type_ids, encoding.type_ids, size * sizeof(*type_ids));
}

BatchTexts BatchTexts::Take(Arena* arena) {
  BatchTexts batch;
  batch.starts = arena->Take<uint32_t>(kMost);
  batch.truncated = arena->Take<bool>(kMost);
  return batch;
}

Status NoSuchHead(const Model& model, schema::Task task, const char* function) {
  for (size_t i = 0; i < model.head_count(); ++i) {
    if (model.head(i).task() != task) continue;
    return Status::Error(Code::kUnsupported,
                         "%s: this model has a head for %s, but the session was made without it "
                         "(pbert_session_options.tasks)",
                         function, schema::EnumNameTask(task));
  }
  if (model.head_count() == 1) {
    return Status::Error(Code::kUnsupported, "%s: this model's task is %s (pbert_model_info.task)", function,
                         TaskNames(model).text);
  }
  return Status::Error(Code::kUnsupported, "%s: this model's tasks are %s (pbert_get_head_info)", function,
                       TaskNames(model).text);
}

Status TaskContext::Require(schema::Task task, const char* function) {
  if (visiting) {
    return Status::Error(Code::kInvalidArgument,
                         "%s: this session is asked from inside of its own visitor; ask another", function);
  }
  const ServedHead& chosen = served[static_cast<size_t>(task)];
  if (chosen.head == nullptr) return NoSuchHead(*model, task, function);
  head = chosen.head;
  network->UseHead(chosen.number);
  return Status();
}

Status TaskContext::Limit(const TextInput& input, uint32_t* limit) const {
  *limit = input.max_tokens == 0 ? max_tokens : input.max_tokens;
  if (*limit <= max_tokens) return Status();
  return Status::Error(Code::kInvalidArgument, "input: max_tokens is %u, the session was made for %u", input.max_tokens,
                       max_tokens);
}

Status TaskContext::Tokenize(const TextInput& input) {
  uint32_t limit = 0;
  PBERT_RETURN_IF_ERROR(Limit(input, &limit));
  if (input.stride) {
    return Status::Error(Code::kInvalidArgument, "input: this function reads no windows; leave out the stride");
  }
  return Encode(*tokenizer, input.text, input.pair, input.has_pair, limit, &scratch, &encoding, input.encode);
}

Status TaskContext::RunNetwork(const RowSelection& rows, const HiddenStateTap* tap) {
  const NetworkInput input{.ids = {encoding.ids, encoding.size}, .type_ids = {encoding.type_ids, encoding.size}};
  read = rows;
  const HiddenStateTap* const sees = tap == nullptr ? features : tap;
  if (!kept.present()) return network->Encode(input, rows, sees);
  if (tap == nullptr && kept.Are(encoding)) return Status();
  kept.size = 0;  // should it fail
  PBERT_RETURN_IF_ERROR(network->Encode(input, {kept.rows, {}}, sees));
  // Behind a caller's tap the head with features has not seen these states, and must see them when it is asked.
  if (features == nullptr || sees == features) kept.Set(encoding);
  return Status();
}

Status TaskContext::RunNetworkOn(const NetworkInput& input, schema::RowChoice rows) {
  kept.size = 0;
  return network->Encode(input, {kept.present() ? kept.rows : rows, {}});
}

size_t TaskContext::rows() const {
  switch (read.choice) {
    case schema::RowChoice::First:
      return 1;
    case schema::RowChoice::Listed:
      return read.listed.size();
    case schema::RowChoice::All:
      break;
  }
  return network->rows();
}

size_t TaskContext::RowOf(size_t index) const {
  return kept.present() && read.choice == schema::RowChoice::Listed ? read.listed[index] : index;
}

}  // namespace pbert
