// The C interface's functions on models.
#include <new>
#include <utility>

#include "c_api/handles.h"
#include "c_api/struct.h"
#include "pocketbert/pocketbert.h"

namespace pbert {
namespace {

constexpr StructKind kOpenOptions = PBERT_STRUCT_KIND(pbert_open_options, verify_data);
constexpr StructKind kModelInfo = PBERT_STRUCT_KIND(pbert_model_info, reject_threshold);

Status ReadOpenOptions(const pbert_open_options* options, OpenOptions* read) {
  pbert_open_options copy;
  PBERT_RETURN_IF_ERROR(ReadStruct(options, kOpenOptions, &copy));
  read->verify_data = copy.verify_data != 0;
  return Status();
}

// What the three ways to open have in common: `open_file` is given options and fills a Model. `path` is null where
// there is none.
template <typename OpenFile>
Status Open(const char* function, const char* path, const pbert_open_options* options, pbert_model** model,
            OpenFile open_file) {
  if (model == nullptr) return NullArgument(function, "model");
  OpenOptions open_options;
  PBERT_RETURN_IF_ERROR(ReadOpenOptions(options, &open_options));

  std::unique_ptr<Model> file;
  PBERT_RETURN_IF_ERROR(open_file(open_options, &file));
  std::unique_ptr<pbert_model> opened(new (std::nothrow) pbert_model);
  if (opened == nullptr) return Status::Error(Code::kNoMemory, "%s: no memory for the handle", function);
  opened->file = std::move(file);
  const Status status = Tokenizer::Open(*opened->file, &opened->tokenizer);
  if (!status.ok()) return path == nullptr ? status : ErrorAt(path, status);
  *model = opened.release();
  return Status();
}

Status GetInfo(const char* function, const pbert_model* model, uint32_t number, pbert_model_info* info) {
  if (model == nullptr) return NullArgument(function, "model");
  if (info == nullptr) return NullArgument(function, "info");
  PBERT_RETURN_IF_ERROR(CheckStructSize(info->struct_size, kModelInfo));
  const size_t heads = model->file->head_count();
  if (number >= heads) {
    return Status::Error(Code::kInvalidArgument, "%s: head: %u: the file has %zu (pbert_model_info.head_count)",
                         function, number, heads);
  }
  const schema::Encoder& encoder = model->file->encoder();
  const schema::Head& head = model->file->head(number);
  pbert_model_info result = PBERT_MODEL_INFO;
  result.task = static_cast<uint32_t>(head.task());
  result.problem_type = static_cast<uint32_t>(head.problem_type());
  result.label_count = head.labels() != nullptr ? head.labels()->size() : 0;
  result.max_tokens = model->file->max_tokens(number);
  result.vocabulary_size = model->tokenizer.vocabulary_size();
  result.hidden_size = encoder.hidden_size();
  result.layer_count = encoder.order() != nullptr ? encoder.order()->size() : encoder.layers()->size();
  result.reject_threshold = head.reject_threshold();
  result.truncation_tokens = model->file->truncation_tokens();
  result.special_tokens = model->tokenizer.table().frame_single()->size() - 1;
  result.pooling = static_cast<uint32_t>(head.pooling());
  EntailmentLabels labels;
  const bool entails = EntailmentLabels::Find(head, result.label_count, &labels).ok() && labels.stated;
  result.entailment_label = entails ? static_cast<uint32_t>(labels.entailment) : PBERT_NO_LABEL;
  result.head_count = static_cast<uint32_t>(heads);
  result.null_threshold = head.null_threshold();
  WriteStruct(result, info);
  return Status();
}

Status ModelMemory(const pbert_model* model, pbert_backend backend, size_t* bytes) {
  constexpr char kName[] = "pbert_model_memory";
  if (model == nullptr) return NullArgument(kName, "model");
  if (bytes == nullptr) return NullArgument(kName, "bytes");
  BackendKind kind = BackendKind::kAuto;
  PBERT_RETURN_IF_ERROR(ReadBackend(backend, kName, &kind));
  std::unique_ptr<PackedModel> packed;
  PBERT_RETURN_IF_ERROR(PackedModel::Create(*model->file, kind, &packed));
  *bytes = packed->packed_bytes();
  return Status();
}

Status Prepare(pbert_model* model, pbert_backend backend, void* memory, size_t size) {
  if (model == nullptr) return NullArgument("pbert_prepare", "model");
  BackendKind kind = BackendKind::kAuto;
  PBERT_RETURN_IF_ERROR(ReadBackend(backend, "pbert_prepare", &kind));
  if (memory != nullptr) return model->packed.PackInto(*model->file, kind, memory, size);
  const PackedModel* packed = nullptr;
  return model->packed.Get(*model->file, kind, &packed);
}

}  // namespace
}  // namespace pbert

using pbert::Model;
using pbert::OpenOptions;
using pbert::Report;

pbert_status pbert_open(const char* path, const pbert_open_options* options, pbert_model** model) {
  if (path == nullptr) return Report(pbert::NullArgument("pbert_open", "path"));
  return Report(pbert::Open(
      "pbert_open", path, options, model,
      [path](const OpenOptions& open, std::unique_ptr<Model>* file) { return Model::OpenPath(path, open, file); }));
}

pbert_status pbert_open_fd(int fd, uint64_t offset, uint64_t length, const pbert_open_options* options,
                           pbert_model** model) {
  return Report(
      pbert::Open("pbert_open_fd", nullptr, options, model, [=](const OpenOptions& open, std::unique_ptr<Model>* file) {
        return Model::OpenDescriptor(fd, offset, length, open, file);
      }));
}

pbert_status pbert_open_memory(const void* data, size_t size, const pbert_open_options* options, pbert_model** model) {
  if (data == nullptr) return Report(pbert::NullArgument("pbert_open_memory", "data"));
  return Report(pbert::Open("pbert_open_memory", nullptr, options, model,
                            [=](const OpenOptions& open, std::unique_ptr<Model>* file) {
                              return Model::OpenMemory(data, size, open, file);
                            }));
}

void pbert_close(pbert_model* model) {
  if (model != nullptr) pbert::Unref(model);
}

pbert_status pbert_get_model_info(const pbert_model* model, pbert_model_info* info) {
  return Report(pbert::GetInfo("pbert_get_model_info", model, 0, info));
}

pbert_status pbert_get_head_info(const pbert_model* model, uint32_t head, pbert_model_info* info) {
  return Report(pbert::GetInfo("pbert_get_head_info", model, head, info));
}

const char* pbert_label(const pbert_model* model, uint32_t index) { return pbert_head_label(model, 0, index); }

const char* pbert_head_label(const pbert_model* model, uint32_t head, uint32_t index) {
  if (model == nullptr || head >= model->file->head_count()) return nullptr;
  const auto* labels = model->file->head(head).labels();
  return labels != nullptr && index < labels->size() ? labels->Get(index)->c_str() : nullptr;
}

uint32_t pbert_task_head(const pbert_model* model, pbert_task task) {
  if (model == nullptr) return 0;
  const auto heads = static_cast<uint32_t>(model->file->head_count());
  uint32_t head = 0;
  while (head < heads && static_cast<uint32_t>(model->file->head(head).task()) != static_cast<uint32_t>(task)) ++head;
  return head;
}

pbert_status pbert_model_memory(const pbert_model* model, pbert_backend backend, size_t* bytes) {
  return Report(pbert::ModelMemory(model, backend, bytes));
}

pbert_status pbert_prepare(pbert_model* model, pbert_backend backend, void* memory, size_t size) {
  return Report(pbert::Prepare(model, backend, memory, size));
}
