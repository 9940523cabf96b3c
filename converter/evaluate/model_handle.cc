#include "converter/evaluate/model_handle.h"

#include <exception>

#include "converter/network/heads.h"
#include "converter/support/error.h"

namespace pbert::converter {

void Require(pbert_status status, const std::string& what) {
  if (status == PBERT_OK) return;
  throw Error(what.empty() ? std::string(pbert_error()) : what + ": " + pbert_error());
}

ModelHandle::ModelHandle(const std::string& path, const std::string& task) : path_(path), info_(PBERT_MODEL_INFO) {
  pbert_model* model = nullptr;
  if (pbert_open(path.c_str(), nullptr, &model) != PBERT_OK) {
    // Some reasons begin with the path already.
    const std::string reason = pbert_error();
    throw Error(reason.starts_with(path) ? reason : path + ": " + reason);
  }
  model_.reset(model);
  Require(pbert_get_model_info(model, &info_), path);
  std::string tasks;
  for (uint32_t count = info_.head_count; !task.empty(); ++head_) {
    if (head_ == count) throw Error(path + ": it has no head for " + task + " (it has " + tasks + ")");
    Require(pbert_get_head_info(model, head_, &info_), path);
    const std::string name = TaskName(static_cast<schema::Task>(info_.task));
    if (name == task) break;
    tasks += (tasks.empty() ? "" : ", ") + name;
  }
  for (uint32_t i = 0; i < info_.label_count; ++i) labels_.emplace_back(pbert_head_label(model, head_, i));
}

SessionHandle ModelHandle::NewSession(pbert_session_options options) const {
  if (options.max_tokens > info_.max_tokens) options.max_tokens = info_.max_tokens;
  options.tasks = 1u << info_.task;
  pbert_session* session = nullptr;
  Require(pbert_session_create(model_.get(), &options, &session), path_);
  return SessionHandle(session);
}

pbert_input MakeInput(std::string_view text, const std::string_view* pair, uint32_t max_tokens) {
  pbert_input input = PBERT_INPUT;
  input.max_tokens = max_tokens;
  input.text = text.data() == nullptr ? "" : text.data();
  input.text_size = text.size();
  if (pair != nullptr && !pair->empty()) {
    input.pair = pair->data();
    input.pair_size = pair->size();
  }
  return input;
}

namespace {

// A visitor of the C interface, through which nothing may be thrown.
template <typename Result>
struct Visitor {
  static int Call(void* context, uint32_t index, const Result* result) {
    auto& self = *static_cast<Visitor*>(context);
    try {
      self.visit(index, *result);
      return 0;
    } catch (...) {
      self.failure = std::current_exception();
      return 1;
    }
  }
  void Check(pbert_status status) const {
    if (failure != nullptr) std::rethrow_exception(failure);
    if (status == PBERT_OK) return;
    // Who reads it has numbers of his own for the inputs.
    const std::string why = pbert_error();
    const size_t end = why.starts_with("inputs[") ? why.find("]: ") : std::string::npos;
    throw Error(end == std::string::npos ? why : why.substr(end + 3));
  }

  const std::function<void(size_t, const Result&)>& visit;
  std::exception_ptr failure = {};
};

}  // namespace

void ClassifyBatch(pbert_session* session, std::span<const pbert_input> inputs,
                   const std::function<void(size_t, const pbert_classification&)>& visit) {
  Visitor<pbert_classification> visitor{visit};
  visitor.Check(pbert_classify_batch(session, inputs.data(), static_cast<uint32_t>(inputs.size()),
                                     Visitor<pbert_classification>::Call, &visitor));
}

void EmbedBatch(pbert_session* session, std::span<const pbert_input> inputs,
                const std::function<void(size_t, const pbert_embedding&)>& visit, pbert_pooling pooling,
                bool normalize) {
  Visitor<pbert_embedding> visitor{visit};
  visitor.Check(pbert_embed_batch(session, inputs.data(), static_cast<uint32_t>(inputs.size()), pooling, normalize,
                                  Visitor<pbert_embedding>::Call, &visitor));
}

}  // namespace pbert::converter
