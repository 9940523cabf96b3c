// The C interface's functions on sessions.
#include <memory>
#include <new>

#include "c_api/batch_call.h"
#include "c_api/handles.h"
#include "c_api/struct.h"
#include "pocketbert/pocketbert.h"

namespace pbert {
namespace {

constexpr StructKind kSessionOptions = PBERT_STRUCT_KIND(pbert_session_options, memory_size);
constexpr StructKind kClassification = PBERT_STRUCT_KIND(pbert_classification, token_ids);

struct Request {
  SessionOptions options;
  BackendKind backend = BackendKind::kAuto;
  void* memory = nullptr;
  size_t memory_size = 0;
};

Status ReadOptions(const pbert_session_options* options, const char* function, Request* request) {
  pbert_session_options copy;
  PBERT_RETURN_IF_ERROR(ReadStruct(options, kSessionOptions, &copy));
  PBERT_RETURN_IF_ERROR(ReadBackend(copy.backend, function, &request->backend));
  request->options = {
      .max_tokens = copy.max_tokens, .threads = copy.threads, .tasks = copy.tasks, .learned = copy.learned};
  request->memory = copy.memory;
  request->memory_size = copy.memory_size;
  return Status();
}

Status SessionMemory(const pbert_model* model, const pbert_session_options* options, size_t* bytes) {
  constexpr char kName[] = "pbert_session_memory";
  if (model == nullptr) return NullArgument(kName, "model");
  if (bytes == nullptr) return NullArgument(kName, "bytes");
  Request request;
  PBERT_RETURN_IF_ERROR(ReadOptions(options, kName, &request));
  // Asking must not pack: the caller may want to give memory for that first.
  const PackedModel* packed = model->packed.Find(request.backend);
  std::unique_ptr<PackedModel> unpacked;
  if (packed == nullptr) {
    PBERT_RETURN_IF_ERROR(PackedModel::Create(*model->file, request.backend, &unpacked));
    packed = unpacked.get();
  }
  return Session::MemoryNeeded(*packed, model->tokenizer, request.options, bytes);
}

Status SessionCreate(pbert_model* model, const pbert_session_options* options, pbert_session** session) {
  constexpr char kName[] = "pbert_session_create";
  if (model == nullptr) return NullArgument(kName, "model");
  if (session == nullptr) return NullArgument(kName, "session");
  Request request;
  PBERT_RETURN_IF_ERROR(ReadOptions(options, kName, &request));
  const PackedModel* packed = nullptr;
  PBERT_RETURN_IF_ERROR(model->packed.Get(*model->file, request.backend, &packed));

  std::unique_ptr<pbert_session> made(new (std::nothrow) pbert_session);
  if (made == nullptr) return Status::Error(Code::kNoMemory, "%s: no memory for the handle", kName);
  PBERT_RETURN_IF_ERROR(
      made->session.Create(*packed, model->tokenizer, request.options, request.memory, request.memory_size));
  Ref(model);
  made->model = model;
  *session = made.release();
  return Status();
}

pbert_classification ResultOf(const Classification& found, const TaskContext& context) {
  const Encoding& encoding = context.encoding;
  pbert_classification result = PBERT_CLASSIFICATION;
  result.count = static_cast<uint32_t>(found.count);
  result.rejected = found.rejected ? 1 : 0;
  result.truncated = encoding.truncated ? 1 : 0;
  result.token_count = static_cast<uint32_t>(encoding.size);
  result.labels = found.labels;
  result.logits = found.logits;
  result.token_ids = encoding.ids;
  result.understood = found.understood;
  return result;
}

Status Classify(pbert_session* session, const pbert_input* input, pbert_classification* result) {
  constexpr char kName[] = "pbert_classify";
  if (session == nullptr) return NullArgument(kName, "session");
  if (result == nullptr) return NullArgument(kName, "result");
  PBERT_RETURN_IF_ERROR(CheckStructSize(result->struct_size, kClassification));
  TextInput text;
  PBERT_RETURN_IF_ERROR(ReadInput(input, kName, &text));
  const Classification* found = nullptr;
  PBERT_RETURN_IF_ERROR(session->session.Classify(text, &found));
  WriteStruct(ResultOf(*found, *session->session.context()), result);
  return Status();
}

Status ClassifyBatch(pbert_session* session, const pbert_input* inputs, uint32_t count,
                     pbert_classification_visitor visitor, void* context) {
  constexpr char kName[] = "pbert_classify_batch";
  if (session == nullptr) return NullArgument(kName, "session");
  if (visitor == nullptr) return NullArgument(kName, "visitor");
  BatchCall<Classification, pbert_classification, ResultOf> call{*session->session.context(), visitor, context, {}};
  PBERT_RETURN_IF_ERROR(InputArray::Open(inputs, count, kName, &call.inputs));
  return session->session.ClassifyBatch(count, call.calls());
}

}  // namespace
}  // namespace pbert

using pbert::Report;

pbert_status pbert_session_memory(const pbert_model* model, const pbert_session_options* options, size_t* bytes) {
  return Report(pbert::SessionMemory(model, options, bytes));
}

pbert_status pbert_session_create(pbert_model* model, const pbert_session_options* options, pbert_session** session) {
  return Report(pbert::SessionCreate(model, options, session));
}

void pbert_session_destroy(pbert_session* session) {
  if (session == nullptr) return;
  pbert_model* model = session->model;
  delete session;
  pbert::Unref(model);
}

pbert_status pbert_classify(pbert_session* session, const pbert_input* input, pbert_classification* result) {
  return Report(pbert::Classify(session, input, result));
}

pbert_status pbert_classify_batch(pbert_session* session, const pbert_input* inputs, uint32_t count,
                                  pbert_classification_visitor visitor, void* context) {
  return Report(pbert::ClassifyBatch(session, inputs, count, visitor, context));
}
