#include "c_api/handles.h"

#include <cstring>

#include "base/thread_table.h"
#include "c_api/struct.h"

namespace pbert {
namespace {

struct ErrorText {
  char text[256];
};

// What the threads that failed last were told.
ThreadTable<ErrorText, PBERT_ERROR_THREADS> last_errors;

// A message cut to its buffer's size may end inside a character; bindings want well-formed UTF-8.
void DropUnfinishedCharacter(char* text) {
  const size_t size = strlen(text);
  size_t start = size;
  while (start > 0 && size - start < 3 && (text[start - 1] & 0xC0) == 0x80) --start;
  if (start == 0) return;
  const auto lead = static_cast<unsigned char>(text[start - 1]);
  const size_t wanted = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : lead >= 0xC0 ? 2 : 1;
  if (size - (start - 1) < wanted) text[start - 1] = '\0';
}

constexpr StructKind kInput = PBERT_STRUCT_KIND(pbert_input, pair_size);

}  // namespace

void Ref(pbert_model* model) { model->references.fetch_add(1, std::memory_order_relaxed); }

void Unref(pbert_model* model) {
  if (model->references.fetch_sub(1, std::memory_order_acq_rel) == 1) delete model;
}

pbert_status Report(const Status& status) {
  if (!status.ok()) {
    last_errors.Replace([&status](ErrorText& last) {
      strncpy(last.text, status.message(), sizeof(last.text) - 1);
      DropUnfinishedCharacter(last.text);
    });
  }
  return static_cast<pbert_status>(status.code());
}

Status NullArgument(const char* function, const char* argument) {
  return Status::Error(Code::kInvalidArgument, "%s: %s is null", function, argument);
}

Status ReadBackend(uint32_t given, const char* function, BackendKind* backend) {
  if (given > PBERT_REFERENCE) {
    return Status::Error(Code::kInvalidArgument, "%s: there is no backend %u; see pbert_backend", function, given);
  }
  *backend = static_cast<BackendKind>(given);
  return Status();
}

Status ReadText(const char* function, const char* name, const char* text, size_t size, std::string_view* read) {
  if (text == nullptr && size > 0) {
    return Status::Error(Code::kInvalidArgument, "%s: %s is null, but its size is %zu", function, name, size);
  }
  if (size > UINT32_MAX) {
    return Status::Error(Code::kInvalidArgument, "%s: %s has %zu bytes; offsets have 32 bits, so 4 GiB - 1 is the most",
                         function, name, size);
  }
  *read = text == nullptr ? std::string_view() : std::string_view(text, size);
  return Status();
}

Status ReadInput(const pbert_input* input, const char* function, TextInput* read) {
  if (input == nullptr) return NullArgument(function, "input");
  pbert_input copy;
  PBERT_RETURN_IF_ERROR(ReadStruct(input, kInput, &copy));
  PBERT_RETURN_IF_ERROR(ReadText(function, "input.text", copy.text, copy.text_size, &read->text));
  PBERT_RETURN_IF_ERROR(ReadText(function, "input.pair", copy.pair, copy.pair_size, &read->pair));
  read->has_pair = copy.pair != nullptr;
  read->max_tokens = copy.max_tokens;
  if (copy.truncation > PBERT_ONLY_SECOND) {
    return Status::Error(Code::kInvalidArgument, "%s: there is no truncation %u; see pbert_truncation", function,
                         copy.truncation);
  }
  read->encode.only_first = copy.truncation == PBERT_ONLY_FIRST;
  read->encode.only_second = copy.truncation == PBERT_ONLY_SECOND;
  if (copy.stride != 0) read->stride = copy.stride == PBERT_NO_STRIDE ? 0 : copy.stride;
  return Status();
}

Status InputArray::Open(const pbert_input* inputs, uint32_t count, const char* function, InputArray* array) {
  array->function_ = function;
  if (count == 0) return Status();
  if (inputs == nullptr) return NullArgument(function, "inputs");
  PBERT_RETURN_IF_ERROR(CheckStructSize(inputs->struct_size, kInput));
  if (inputs->struct_size % alignof(pbert_input) != 0) {
    return Status::Error(Code::kInvalidArgument, "%s: inputs: struct_size is %u, which no array of pbert_input has",
                         function, inputs->struct_size);
  }
  array->first_ = inputs;
  array->struct_size_ = inputs->struct_size;
  return Status();
}

Status InputArray::Read(size_t index, TextInput* read) const {
  const auto* bytes = reinterpret_cast<const unsigned char*>(first_) + index * struct_size_;
  const auto* input = reinterpret_cast<const pbert_input*>(bytes);
  if (input->struct_size != struct_size_) {
    return Status::Error(Code::kInvalidArgument, "%s: struct_size is %u, and %u in the first input", function_,
                         input->struct_size, struct_size_);
  }
  return ReadInput(input, function_, read);
}

}  // namespace pbert

const char* pbert_error(void) {
  const auto* last = pbert::last_errors.Find();
  return last != nullptr ? last->text : "";
}

const char* pbert_version(void) { return PBERT_VERSION; }
