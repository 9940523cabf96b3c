// Laying out a session's network. Create runs the same code twice in a session's life: with a counting
// arena, to know the size, and with the real one.
#include "engine/network.h"

#include <algorithm>
#include <new>

#include "engine/memory_plan.h"

namespace pbert {
namespace {

// FFN rows computed at a time. The wide activations of one tile stay in cache between FFN1, GELU and
// FFN2, and are the largest buffer if they do not have to hold every row; fewer rows would read the
// weights too often.
constexpr size_t kFfnRows = 128;

// Bytes of head outputs that a session keeps at once; wider heads (a vocabulary) take fewer rows at a time.
constexpr size_t kHeadOutputBytes = 128 * 1024;

const float* Floats(const Model& model, int32_t index) { return model.tensor(index).floats(); }

ActivationKind Kind(schema::Activation activation) { return static_cast<ActivationKind>(activation); }

}  // namespace

static_assert(static_cast<int>(ActivationKind::kGeluErf) == static_cast<int>(schema::Activation::GeluErf));
static_assert(static_cast<int>(ActivationKind::kGeluTanh) == static_cast<int>(schema::Activation::GeluTanh));
static_assert(static_cast<int>(ActivationKind::kRelu) == static_cast<int>(schema::Activation::Relu));
static_assert(static_cast<int>(ActivationKind::kTanh) == static_cast<int>(schema::Activation::Tanh));
static_assert(static_cast<int>(ActivationKind::kSilu) == static_cast<int>(schema::Activation::Silu));
static_assert(static_cast<int>(ActivationKind::kQuickGelu) == static_cast<int>(schema::Activation::QuickGelu));

Status Network::Create(const PreparedModel& model, const NetworkOptions& options, Arena* arena, Network** network) {
  *network = nullptr;
  if (options.max_tokens == 0 || options.max_tokens > model.model().max_tokens()) {
    return Status::Error(Code::kInvalidArgument, "max_tokens: %u: must be 1 to %u, the model's limit",
                         options.max_tokens, model.model().max_tokens());
  }
  if (options.threads > kMaxThreads) {  // before anything is laid out for each of them
    return Status::Error(Code::kInvalidArgument, "threads: %u: must be 1 to %u", options.threads, kMaxThreads);
  }
  if (options.head >= model.model().head_count()) {
    return Status::Error(Code::kInvalidArgument, "head: %u: the file has %zu", options.head,
                         model.model().head_count());
  }
  if (!arena->counting() && !model.packed()) {
    return Status::Error(Code::kInvalidArgument, "the model's weights are not packed yet");
  }
  void* place = arena->TakeBytes(sizeof(Network));
  Network counted;
  if (!arena->counting() && place == nullptr) return Status::Error(Code::kNoMemory, "session memory is too small");
  Network* made = arena->counting() ? &counted : new (place) Network;
  const Status status = made->Bind(model, options, arena);
  if (arena->counting()) return status;
  if (status.ok()) {
    *network = made;
  } else {
    Destroy(made);
  }
  return status;
}

void Network::Destroy(Network* network) {
  if (network == nullptr) return;
  Team::Destroy(network->team_);
  network->ReleaseProducts();
}

void Network::ReleaseProducts() {
  embedding_projection_.Release();
  for (size_t i = 0; layers_ != nullptr && i < layer_count_; ++i) {
    Layer& layer = layers_[i];
    for (BoundLinear* linear : {&layer.q, &layer.kv, &layer.attention_output, &layer.ffn_in, &layer.ffn_out}) {
      linear->Release();
    }
  }
  for (size_t i = 0; head_steps_ != nullptr && i < head_step_count_; ++i) head_steps_[i].linear.Release();
}

Status Network::Bind(const PreparedModel& prepared, const NetworkOptions& options, Arena* arena) {
  const Model& model = prepared.model();
  const Status too_small = Status::Error(Code::kNoMemory, "session memory is too small");
  kernels_ = prepared.backend() == BackendKind::kReference ? &ScalarKernels() : &BestKernels();
  encoder_ = &model.encoder();
  max_tokens_ = options.max_tokens;
  ffn_rows_ = std::min<size_t>(max_tokens_, kFfnRows);
  hidden_size_ = encoder_->hidden_size();
  embedding_size_ = encoder_->embedding_size();
  ffn_size_ = encoder_->ffn_size();
  head_count_ = encoder_->head_count();
  epsilon_ = encoder_->norm_epsilon();
  activation_ = Kind(encoder_->activation());
  const schema::Embeddings& embeddings = *encoder_->embeddings();
  token_table_ = model.tensor(embeddings.token());
  position_table_ = model.tensor(embeddings.position());
  type_table_ = model.tensor(embeddings.token_type());
  embedding_gamma_ = Floats(model, embeddings.norm()->gamma());
  embedding_beta_ = Floats(model, embeddings.norm()->beta());

  const uint32_t threads = std::max(1u, options.threads);
  PBERT_RETURN_IF_ERROR(embedding_projection_.Bind(prepared.embedding_projection(), hidden_size_, threads, arena));
  quantized_ = embedding_projection_.quantized();
  NeedScratch(prepared.embedding_projection(), max_tokens_);

  const size_t layer_count = prepared.layer_count();
  Layer* layers = arena->Take<Layer>(layer_count);
  if (!arena->counting()) {
    if (arena->overflowed()) return too_small;
    for (size_t i = 0; i < layer_count; ++i) new (&layers[i]) Layer;
    layers_ = layers;
    layer_count_ = layer_count;
  }
  for (size_t i = 0; i < layer_count; ++i) {
    const PreparedLayer& from = prepared.layer(i);
    for (const PreparedLinear* linear : {&from.q, &from.kv, &from.attention_output}) NeedScratch(*linear, max_tokens_);
    for (const PreparedLinear* linear : {&from.ffn_in, &from.ffn_out}) NeedScratch(*linear, ffn_rows_);
    Layer counted;
    Layer& layer = arena->counting() ? counted : layers[i];
    PBERT_RETURN_IF_ERROR(layer.q.Bind(from.q, 3 * hidden_size_, threads, arena));
    PBERT_RETURN_IF_ERROR(layer.kv.Bind(from.kv, 3 * hidden_size_, threads, arena));
    PBERT_RETURN_IF_ERROR(layer.attention_output.Bind(from.attention_output, hidden_size_, threads, arena));
    PBERT_RETURN_IF_ERROR(layer.ffn_in.Bind(from.ffn_in, ffn_size_, threads, arena));
    PBERT_RETURN_IF_ERROR(layer.ffn_out.Bind(from.ffn_out, hidden_size_, threads, arena));
    quantized_ = quantized_ || layer.q.quantized() || layer.kv.quantized() || layer.attention_output.quantized() ||
                 layer.ffn_in.quantized() || layer.ffn_out.quantized();
    float_ffn_out_ = float_ffn_out_ || !layer.ffn_out.quantized();
    const schema::Layer& tables = *encoder_->layers()->Get(i);
    layer.attention_gamma = Floats(model, tables.attention_norm()->gamma());
    layer.attention_beta = Floats(model, tables.attention_norm()->beta());
    layer.ffn_gamma = Floats(model, tables.ffn_norm()->gamma());
    layer.ffn_beta = Floats(model, tables.ffn_norm()->beta());
  }
  PBERT_RETURN_IF_ERROR(BindHead(prepared, options.head, arena));

  const uint64_t attention = AttentionScratch(max_tokens_, hidden_size_ / head_count_);
  scratch_bytes_ = RoundUp(std::max(scratch_bytes_, attention * sizeof(float)), kCacheLine);
  scratch_ = static_cast<uint8_t*>(arena->TakeBytes(threads * scratch_bytes_));
  thread_status_ = arena->Take<Status>(threads);
  PBERT_RETURN_IF_ERROR(PlaceBuffers(arena));
  if (arena->overflowed()) return too_small;
  for (uint32_t t = 0; !arena->counting() && t < threads; ++t) new (&thread_status_[t]) Status;
  return Team::Create(threads, arena, &team_);
}

void Network::NeedScratch(const PreparedLinear& linear, size_t rows) {
  if (!linear.present()) return;
  scratch_bytes_ = std::max<uint64_t>(scratch_bytes_, linear.backend->ScratchBytes(linear.weights, rows));
}

// A head's steps run on the calling thread, on a few rows at a time.
Status Network::BindHead(const PreparedModel& prepared, uint32_t head_index, Arena* arena) {
  const schema::Head& head = prepared.model().head(head_index);
  const size_t count = head.steps() == nullptr ? 0 : head.steps()->size();
  HeadStep* steps = arena->Take<HeadStep>(count);
  if (!arena->counting()) {
    if (arena->overflowed()) return Status::Error(Code::kNoMemory, "session memory is too small");
    for (size_t i = 0; i < count; ++i) new (&steps[i]) HeadStep;
    head_steps_ = steps;
    head_step_count_ = count;
  }
  uint32_t width = hidden_size_;
  uint32_t widest = width;
  for (size_t i = 0; i < count; ++i) {
    const schema::HeadStep& table = *head.steps()->Get(i);
    HeadStep counted;
    HeadStep& step = arena->counting() ? counted : steps[i];
    const PreparedLinear& linear = prepared.head_linear(head_index, i);
    if (linear.present()) width = linear.weights.outputs();
    widest = std::max(widest, width);
    PBERT_RETURN_IF_ERROR(step.linear.Bind(linear, width, 1, arena));
    step.activation = Kind(table.activation());
    step.gamma = table.norm() == nullptr ? nullptr : Floats(prepared.model(), table.norm()->gamma());
    step.beta = table.norm() == nullptr ? nullptr : Floats(prepared.model(), table.norm()->beta());
  }
  head_outputs_ = width;
  const size_t rows_at_once = std::max<size_t>(1, kHeadOutputBytes / (sizeof(float) * widest));
  max_head_rows_ = head.rows() == schema::RowChoice::First ? 1 : std::min<size_t>(max_tokens_, rows_at_once);

  for (size_t i = 0; i < count; ++i) NeedScratch(prepared.head_linear(head_index, i), max_head_rows_);

  const uint64_t cells = uint64_t{max_head_rows_} * widest;
  head_input_.quantized = arena->Take<int8_t>(cells + kInputPadding);
  head_input_.params = arena->Take<RowQuant>(max_head_rows_);
  for (float*& buffer : head_outputs_buffers_) buffer = arena->Take<float>(cells + kInputPadding / sizeof(float));
  return Status();
}

// What is alive when, in steps of one layer; the residual stream lives throughout and comes last, so that
// a head finds it undisturbed. Each buffer is sized for the longest input.
Status Network::PlaceBuffers(Arena* arena) {
  enum Step : uint32_t { kEmbed, kProject, kQkv, kAttention, kOutput, kNorm1, kFfnIn, kActivate, kFfnOut, kNorm2 };
  const uint64_t tokens = max_tokens_;
  auto floats = [](uint64_t rows, uint64_t columns) { return rows * columns * sizeof(float) + kInputPadding; };
  auto int8s = [this](uint64_t rows, uint64_t columns) -> uint64_t {
    return quantized_ ? rows * columns + kInputPadding : 0;
  };
  auto params = [this](uint64_t rows) -> uint64_t { return quantized_ ? rows * sizeof(RowQuant) : 0; };
  const uint64_t embedding = embedding_projection_.present() ? embedding_size_ : 0;
  // The wide floats die with the activation unless some FFN2 has float weights and reads them.
  const Step middle_last = float_ffn_out_ ? kFfnOut : kActivate;
  // With one tile the FFN's result can take the place of the wide floats; with several it cannot.
  const Step result_first = ffn_rows_ < tokens ? kFfnIn : kFfnOut;

  PlannedBuffer buffers[] = {
      {floats(tokens, hidden_size_), kEmbed, kNorm2},  // hidden
      {int8s(tokens, hidden_size_), kEmbed, kNorm2},
      {params(tokens), kEmbed, kNorm2},
      {embedding ? floats(tokens, embedding) : 0, kEmbed, kProject},  // embedded
      {embedding ? int8s(tokens, embedding) : 0, kEmbed, kProject},
      {embedding ? params(tokens) : 0, kEmbed, kProject},
      {floats(tokens, 3 * hidden_size_), kQkv, kAttention},  // qkv
      {floats(tokens, hidden_size_), kAttention, kOutput},   // context
      {int8s(tokens, hidden_size_), kAttention, kOutput},
      {params(tokens), kAttention, kOutput},
      {floats(tokens, hidden_size_), kOutput, kNorm1},      // projected
      {floats(ffn_rows_, ffn_size_), kFfnIn, middle_last},  // middle
      {int8s(ffn_rows_, ffn_size_), kActivate, kFfnOut},
      {params(ffn_rows_), kActivate, kFfnOut},
      {floats(tokens, hidden_size_), result_first, kNorm2},  // FFN result
  };
  uint8_t* block = static_cast<uint8_t*>(arena->TakeBytes(PlanMemory(buffers)));
  if (block == nullptr) return Status();
  auto at = [&](size_t index) -> void* { return buffers[index].bytes == 0 ? nullptr : block + buffers[index].offset; };
  auto activations = [&](size_t index) {
    return Activations{static_cast<float*>(at(index)), static_cast<int8_t*>(at(index + 1)),
                       static_cast<RowQuant*>(at(index + 2))};
  };
  hidden_ = activations(0);
  embedded_ = activations(3);
  qkv_ = static_cast<float*>(at(6));
  context_ = activations(7);
  projected_ = static_cast<float*>(at(10));
  middle_ = activations(11);
  ffn_result_ = static_cast<float*>(at(14));
  return Status();
}

}  // namespace pbert
