// Texts as vectors, for the commands that compare them.
#ifndef POCKETBERT_PLATFORMS_CLI_EMBEDDER_H_
#define POCKETBERT_PLATFORMS_CLI_EMBEDDER_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "converter/evaluate/model_handle.h"
#include "platforms/cli/input.h"

namespace pbert::cli {

// Opens a file whose head for embeddings is asked. Throws Error if it has none.
converter::ModelHandle OpenEmbeddingModel(const std::string& path);

// A session on an embedding model, pooled as its file says. One thread at a time.
class Embedder {
 public:
  // `model` is OpenEmbeddingModel's.
  Embedder(const converter::ModelHandle& model, uint32_t threads, const std::string& backend);

  uint32_t columns() const { return model_.info().hidden_size; }
  // The vector of a text, number `number` of those that this is about. Throws Error.
  std::vector<float> Embed(std::string_view text, size_t number);
  // The vectors of several texts, in order: calls visit(index, vector) for each, which ends with the call.
  // number(index) is a text's as above.
  void EmbedAll(std::span<const std::string_view> texts, const std::function<size_t(size_t index)>& number,
                const std::function<void(size_t index, const float* vector)>& visit);
  // Says how many of `total` texts were cut.
  void Finish(size_t total) const { truncation_.Finish(total); }

 private:
  const converter::ModelHandle& model_;
  converter::SessionHandle session_;
  TruncationNotice truncation_;
};

}  // namespace pbert::cli

#endif  // POCKETBERT_PLATFORMS_CLI_EMBEDDER_H_
