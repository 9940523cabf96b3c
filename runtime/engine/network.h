// One session's network: token ids in, hidden states and head outputs out, in an arena laid out once.
#ifndef POCKETBERT_ENGINE_NETWORK_H_
#define POCKETBERT_ENGINE_NETWORK_H_

#include <cstddef>
#include <cstdint>
#include <span>

#include "base/arena.h"
#include "base/status.h"
#include "base/team.h"
#include "engine/bound_linear.h"
#include "engine/memory_plan.h"
#include "engine/packed_model.h"
#include "engine/profile.h"
#include "engine/step.h"
#include "kernels/kernels.h"

namespace pbert {

// The last-layer rows that somebody reads. Only these are computed in the last layer. Of several texts First is the
// first row of each, and Listed is not for them.
struct RowSelection {
  schema::RowChoice choice = schema::RowChoice::First;
  std::span<const uint32_t> listed;  // RowChoice::Listed: ascending row numbers
};

struct NetworkInput {
  std::span<const int32_t> ids;       // 1 .. max_tokens of them, each < vocabulary rows
  std::span<const uint8_t> type_ids;  // as many, or empty: all 0
  // Several texts one behind the other: the row where each begins, ascending from 0. Empty: one text. Each has its own
  // positions and sees its own rows alone, so that what comes out is what each alone would give.
  std::span<const uint32_t> starts = {};
};

struct NetworkOptions {
  uint32_t max_tokens = 0;
  uint32_t threads = 1;
  uint32_t heads = 1;  // which of the file's heads, a bit for each; at least one
};

enum class TapPoint : uint8_t { kEmbeddings, kAttention, kLayer };

// Sees the hidden states [rows, hidden_size] after the embeddings (layer 0) and, in each layer (1 .. n), behind the
// attention's norm and behind the feed-forward's, which is the layer's result. Called on the thread that called
// Encode. Used by `compare`; when absent it costs a look at a null pointer.
struct HiddenStateTap {
  void (*see)(void* context, TapPoint point, uint32_t layer, const float* hidden, size_t rows, size_t hidden_size);
  void* context;
};

// Rows of activations in both forms; which one is filled depends on the weights they meet next. Where no int8 weights
// meet them there is no int8 form.
struct Activations {
  float* values = nullptr;
  int8_t* quantized = nullptr;
  RowQuant* params = nullptr;

  Activations From(size_t row, size_t columns) const {
    return {values + row * columns, quantized == nullptr ? nullptr : quantized + row * columns,
            params == nullptr ? nullptr : params + row};
  }
  LinearInput input() const { return {values, quantized, params}; }
};

// Runs the encoder and the heads that it was made for. Everything it needs is taken from the arena in Create; after
// that it never allocates. One thread at a time may use a network; several networks may share a model.
class Network {
 public:
  // With a counting arena: takes (counts) exactly the same, creates nothing, leaves *network null; the model
  // need not be packed for that. `model` must outlive the network. `plan`, for who wants to see it, gets the plan of
  // the buffers; it has a block only where there is a network.
  static Status Create(const PackedModel& model, const NetworkOptions& options, Arena* arena, Network** network,
                       MemoryPlan* plan = nullptr);
  // Stops the network's threads. Its memory is the arena's. Null is allowed.
  static void Destroy(Network* network);

  // Runs the encoder. Afterwards hidden() holds the selected rows, until the next Encode.
  Status Encode(const NetworkInput& input, const RowSelection& rows, const HiddenStateTap* tap = nullptr);

  size_t rows() const { return rows_; }  // selected by the last Encode
  uint32_t hidden_size() const { return hidden_size_; }
  const float* hidden(size_t row) const { return hidden_.values + row * hidden_size_; }  // [hidden_size]

  // From now on the head is this one of NetworkOptions.heads, and no other changes anything; at first it is the first
  // of them. The selected rows stay what they are.
  void UseHead(uint32_t head);
  // Runs the head's steps on up to max_head_rows() selected rows starting with first_row.
  // The outputs, [rows, head_outputs()], are valid until the next RunHead or Encode.
  Status RunHead(size_t first_row, size_t rows, const float** outputs);
  uint32_t head_outputs() const { return head_->outputs; }  // hidden_size when the head has no steps
  size_t max_head_rows() const { return head_->max_rows; }

  uint32_t max_tokens() const { return max_tokens_; }

  // Announces the parts of all later requests to `hook`; one without a function ends that.
  void SetProfileHook(const ProfileHook& hook) { profile_ = hook; }
  // Announces the steps in the same way, with all threads waiting.
  void SetStepHook(const StepHook& hook) { step_hook_ = hook; }

 private:
  struct Layer {
    BoundLinear query, key, value, attention_output, ffn_in, ffn_out;
    const float *attention_gamma, *attention_beta, *ffn_gamma, *ffn_beta;
  };
  struct HeadStep {
    BoundLinear linear;
    ActivationKind activation;
    const float *gamma, *beta;  // null: no norm
  };
  struct Head {
    uint32_t number = 0;  // in the file
    HeadStep* steps = nullptr;
    size_t step_count = 0;
    uint32_t outputs = 0;
    size_t max_rows = 0;
  };
  // What laying out learns about the weights and the plan wants to know. An int8 form is for int8 weights, and floats
  // stay for float weights.
  struct Needs {
    bool int8_qkv = false, int8_attention_output = false, int8_ffn_in = false, int8_ffn_out = false;
    bool float_attention_output = false, float_ffn_out = false;
    uint64_t product_scratch = 0;  // bytes of one thread, for the product that wants most
    StepSet product_scratch_steps;
    // Of all heads. The input is what meets int8 weights; 0 rows: none does.
    uint64_t head_input_rows = 0, head_input_values = 0;
    uint64_t head_values[2] = {0, 0};     // floats of the largest output of the even, of the odd steps
    bool head_reads[2] = {false, false};  // which of them a caller gets

    // The scratch memory of a linear that runs in `step` on so many rows.
    void AddScratch(const PackedLinear& linear, size_t rows, Step step);
  };
  // One Encode, as the threads see it.
  struct Request {
    const NetworkInput* input;
    const RowSelection* rows;
    const HiddenStateTap* tap;
  };

  Network() = default;
  // network.cc: laying out
  Status Bind(const PackedModel& model, const NetworkOptions& options, Arena* arena, MemoryPlan* plan);
  Status BindHead(const PackedModel& model, Head* head, Arena* arena, Needs* needs);
  void PlanBuffers(const Needs& needs, uint32_t threads, MemoryPlan* plan);
  void ReleaseProducts();
  // encode.cc: one request, run by every thread of the team
  static void EncodeOnThread(void* network, uint32_t thread);
  Status CheckInput(const NetworkInput& input, const RowSelection& rows) const;
  void Embed(uint32_t thread, size_t tokens);
  void RunLayer(uint32_t thread, const Layer& layer, uint32_t number, size_t tokens, bool last);
  void NotifyTap(uint32_t thread, TapPoint point, uint32_t layer, size_t rows);
  void Attend(uint32_t thread, size_t queries, size_t tokens);
  void FeedForward(uint32_t thread, const Layer& layer, size_t rows);
  void SelectRows(std::span<const uint32_t> rows, bool int8);
  void Compute(uint32_t thread, const BoundLinear& linear, size_t rows, const Activations& x, float* y);
  void Multiply(uint32_t thread, const BoundLinear& linear, size_t rows, const Activations& x, float* y);
  void Quantize(uint32_t thread, size_t rows, size_t columns, const Activations& x);
  void AddNorm(uint32_t thread, const float* x, size_t rows, const float* gamma, const float* beta);
  // Every thread says that it enters a step, behind a barrier.
  void Enter(uint32_t thread, Step step) {
    if (thread == 0) Announce(step);
    if (step_hook_.begin != nullptr) team_->Barrier();
  }
  void Announce(Step step) const;
  RowOutput Output(const Activations& y) const { return {y.values, y.quantized, y.params}; }
  void* ProductScratch(uint32_t thread) const {
    return product_scratch_ + thread * static_cast<size_t>(product_scratch_bytes_);
  }
  struct Range {
    size_t begin, end;
    size_t size() const { return end - begin; }
  };
  Range Share(uint32_t thread, size_t count) const {
    const uint32_t threads = team_->size();
    return {count * thread / threads, count * (thread + 1) / threads};
  }

  const Kernels* kernels_ = nullptr;
  const schema::Encoder* encoder_ = nullptr;
  uint32_t max_tokens_ = 0, hidden_size_ = 0, embedding_size_ = 0, ffn_size_ = 0, head_count_ = 0;
  float epsilon_ = 0;
  ActivationKind activation_ = ActivationKind::kGeluErf;
  Team* team_ = nullptr;

  TensorView token_table_, position_table_, type_table_;
  const float *embedding_gamma_ = nullptr, *embedding_beta_ = nullptr;
  BoundLinear embedding_projection_;
  Layer* layers_ = nullptr;
  size_t layer_count_ = 0;

  Head* heads_ = nullptr;
  size_t bound_heads_ = 0;
  const Head* head_ = nullptr;  // that RunHead runs

  // Buffers; PlanBuffers says when each is alive.
  Activations hidden_;                  // [max_tokens, hidden]: the residual stream, and the next product's input
  Activations embedded_;                // [max_tokens, embedding size], only with a projection
  float* qkv_ = nullptr;                // [max_tokens, 3 * hidden]
  float* attention_scratch_ = nullptr;  // [threads, attention scratch floats]
  Activations context_;                 // [max_tokens, hidden]: attention's result
  float* projected_ = nullptr;          // [max_tokens, hidden]
  Activations middle_;                  // [ffn_rows, ffn]
  float* ffn_result_ = nullptr;         // [max_tokens, hidden]
  uint8_t* product_scratch_ = nullptr;  // [threads, product scratch bytes]
  // Of the head whose rows and columns are most.
  Activations head_input_;                      // [max_rows, widest that meets int8 weights]; no floats
  float* head_values_[2] = {nullptr, nullptr};  // [max_rows, widest]: of the even and the odd steps
  uint64_t attention_scratch_floats_ = 0;
  uint64_t product_scratch_bytes_ = 0;
  size_t ffn_rows_ = 0;

  Request request_{};
  ProfileHook profile_;
  StepHook step_hook_;
  size_t rows_ = 0;
  Status* thread_status_ = nullptr;  // [threads]
};

}  // namespace pbert

#endif  // POCKETBERT_ENGINE_NETWORK_H_
