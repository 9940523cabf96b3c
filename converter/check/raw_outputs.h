// A converted file asked for the outputs of its network, whatever its task: by the converter's own check and `run
// --raw`.
#ifndef POCKETBERT_CONVERTER_CHECK_RAW_OUTPUTS_H_
#define POCKETBERT_CONVERTER_CHECK_RAW_OUTPUTS_H_

#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "engine/packed_model.h"
#include "model/model.h"
#include "tasks/session.h"
#include "text/tokenizer.h"

namespace pbert::converter {

struct RawOptions {
  BackendKind backend = BackendKind::kAuto;
  uint32_t head = 0;        // which of the file's heads
  uint32_t max_tokens = 0;  // 0: the model's limit; more than it counts as it
  uint32_t threads = 1;
  bool verify_data = false;  // check the tensor data's checksum first
};

// Opened with the runtime's inner interface: a task's outputs do not all pass through the outer one.
// All functions throw Error naming the file. One thread at a time.
class RawModel {
 public:
  RawModel(const std::filesystem::path& file, const RawOptions& options);

  // Tokenizes, truncates and runs the encoder; all rows that the head may read are then there to be asked for, and
  // none but these have been computed: the first for a classifier of texts, else all. With a tap, which sees the hidden
  // states, all rows are computed. A text without tokens (an empty one whose tokenizer adds none) is an Error; where
  // that is expected, TryEncode says false and has run nothing.
  void Encode(const TextInput& input, const HiddenStateTap* tap = nullptr);
  [[nodiscard]] bool TryEncode(const TextInput& input, const HiddenStateTap* tap = nullptr);

  std::span<const int32_t> ids() const { return {session_.encoding().ids, session_.encoding().size}; }
  const Encoding& encoding() const { return session_.encoding(); }
  size_t rows() const { return network().rows(); }
  // The head's outputs of one row, or, of a head without steps, the hidden state.
  size_t columns() const { return network().head_outputs(); }
  // Rows [first, first + count), one after the other.
  std::vector<float> Outputs(size_t first, size_t count);
  // Of all rows that the head reads; of a whole vocabulary one row, the middle one, says enough.
  std::vector<float> Outputs();

  const schema::Head& head() const { return model_->head(head_); }
  const Model& model() const { return *model_; }
  const std::string& path() const { return name_; }
  uint32_t max_tokens() const { return session_.context().max_tokens; }

 private:
  Network& network() const { return *session_.context().network; }
  void Check(const Status& status) const;

  std::string name_;
  uint32_t head_;
  std::unique_ptr<Model> model_;
  std::unique_ptr<PackedModel> prepared_;
  Tokenizer tokenizer_;
  Session session_;
};

}  // namespace pbert::converter

#endif  // POCKETBERT_CONVERTER_CHECK_RAW_OUTPUTS_H_
