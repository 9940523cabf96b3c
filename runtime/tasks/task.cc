#include "tasks/task.h"

namespace pbert {

Status TaskContext::Require(schema::Task task, const char* function) const {
  if (head->task() == task) return Status();
  return Status::Error(Code::kUnsupported, "%s: this model's task is %s (pbert_model_info.task)", function,
                       schema::EnumNameTask(head->task()));
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
  return network->Encode(input, rows, tap);
}

}  // namespace pbert
