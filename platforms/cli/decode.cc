#include "platforms/cli/decode.h"

#include "converter/evaluate/model_handle.h"

namespace pbert::cli {
namespace {

using converter::Require;

// Calls copy(buffer, capacity, &size) with a buffer of usual size, and once more where that was too small.
template <typename Copy>
std::string CopiedText(const Copy& copy) {
  std::string text(256, '\0');
  size_t size = 0;
  Require(copy(text.data(), text.size(), &size));
  if (size > text.size()) {
    text.resize(size);
    Require(copy(text.data(), text.size(), &size));
  }
  text.resize(size);
  return text;
}

}  // namespace

std::string Decode(const pbert_model* model, const std::vector<int32_t>& ids, bool skip_special) {
  return CopiedText([&](char* text, size_t capacity, size_t* size) {
    return pbert_decode(model, ids.data(), ids.size(), skip_special ? 1 : 0, text, capacity, size);
  });
}

std::string EntityWord(const pbert_session* session, const pbert_input& input, pbert_aggregation aggregation,
                       const pbert_entity& entity) {
  return CopiedText([&](char* text, size_t capacity, size_t* size) {
    return pbert_entity_word(session, &input, aggregation, &entity, text, capacity, size);
  });
}

}  // namespace pbert::cli
