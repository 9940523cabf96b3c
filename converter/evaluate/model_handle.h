// Models and sessions of the C interface that close themselves and throw Error.
#ifndef POCKETBERT_CONVERTER_EVALUATE_MODEL_HANDLE_H_
#define POCKETBERT_CONVERTER_EVALUATE_MODEL_HANDLE_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "pocketbert/pocketbert.h"

namespace pbert::converter {

// Throws Error with the library's reason, after `what` and ": " unless `what` is empty.
void Require(pbert_status status, const std::string& what = {});

struct ModelCloser {
  void operator()(pbert_model* model) const { pbert_close(model); }
};
struct SessionDestroyer {
  void operator()(pbert_session* session) const { pbert_session_destroy(session); }
};
using SessionHandle = std::unique_ptr<pbert_session, SessionDestroyer>;

// An open file. Thread-safe after construction.
class ModelHandle {
 public:
  // Throws Error naming the path. `task`, a pipeline's name, chooses among the file's heads; empty: the first.
  explicit ModelHandle(const std::string& path, const std::string& task = {});

  pbert_model* get() const { return model_.get(); }
  const std::string& path() const { return path_; }
  const pbert_model_info& info() const { return info_; }  // of the chosen head, as all that follows
  uint32_t head() const { return head_; }
  const std::vector<std::string>& labels() const { return labels_; }
  // The name of an output; next-sentence prediction has outputs without one.
  std::string label(uint32_t index) const {
    return index < labels_.size() ? labels_[index] : "LABEL_" + std::to_string(index);
  }
  bool has_reject_threshold() const { return info_.reject_threshold >= 0; }
  bool has_null_threshold() const { return info_.null_threshold != 0; }

  // For the chosen head. `options.max_tokens` above the model's limit counts as the limit.
  SessionHandle NewSession(pbert_session_options options) const;

 private:
  std::string path_;
  std::unique_ptr<pbert_model, ModelCloser> model_;
  uint32_t head_ = 0;
  pbert_model_info info_;
  std::vector<std::string> labels_;
};

// `pair` null or empty: a single text, as the reference's pipelines have it. The input points into its arguments.
pbert_input MakeInput(std::string_view text, const std::string_view* pair, uint32_t max_tokens = 0);

// pbert_classify_batch and pbert_embed_batch (PBERT_POOL_MODEL unless said otherwise), whose visitors may throw. Throw
// Error with the library's reason.
void ClassifyBatch(pbert_session* session, std::span<const pbert_input> inputs,
                   const std::function<void(size_t index, const pbert_classification& result)>& visit);
void EmbedBatch(pbert_session* session, std::span<const pbert_input> inputs,
                const std::function<void(size_t index, const pbert_embedding& result)>& visit,
                pbert_pooling pooling = PBERT_POOL_MODEL, bool normalize = false);

}  // namespace pbert::converter

#endif  // POCKETBERT_CONVERTER_EVALUATE_MODEL_HANDLE_H_
