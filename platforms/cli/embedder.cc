#include "platforms/cli/embedder.h"

#include "converter/support/error.h"
#include "platforms/cli/command_line.h"

namespace pbert::cli {

using converter::Error;
using converter::MakeInput;
using converter::ModelHandle;
using converter::Require;

ModelHandle OpenEmbeddingModel(const std::string& path) {
  const ModelHandle any(path);
  if (pbert_task_head(any.get(), PBERT_FEATURE_EXTRACTION) == any.info().head_count) {
    throw Error(path +
                ": it makes no embeddings, as its task is another; convert a sentence-transformers checkpoint, or one "
                "without a head, or add a head for them (convert --add-head feature-extraction)");
  }
  return ModelHandle(path, "feature-extraction");
}

Embedder::Embedder(const ModelHandle& model, uint32_t threads, const std::string& backend) : model_(model) {
  pbert_session_options session = PBERT_SESSION_OPTIONS;
  session.threads = threads;
  session.backend = ParseBackend(backend);
  session_ = model.NewSession(session);
}

std::vector<float> Embedder::Embed(std::string_view text, size_t number) {
  const pbert_input input = MakeInput(text, nullptr);
  pbert_embedding result = PBERT_EMBEDDING;
  Require(pbert_embed(session_.get(), &input, PBERT_POOL_MODEL, 0, &result));
  uint32_t count = 0;
  Require(pbert_last_tokens(session_.get(), nullptr, &count, nullptr));
  if (result.truncated != 0) truncation_.Add(number, count);
  return {result.values, result.values + result.columns};
}

void Embedder::EmbedAll(std::span<const std::string_view> texts, const std::function<size_t(size_t)>& number,
                        const std::function<void(size_t, const float*)>& visit) {
  std::vector<pbert_input> inputs;
  for (const std::string_view text : texts) inputs.push_back(MakeInput(text, nullptr));
  converter::EmbedBatch(session_.get(), inputs, [&](size_t index, const pbert_embedding& result) {
    uint32_t count = 0;
    Require(pbert_last_tokens(session_.get(), nullptr, &count, nullptr));
    if (result.truncated != 0) truncation_.Add(number(index), count);
    visit(index, result.values);
  });
}

}  // namespace pbert::cli
