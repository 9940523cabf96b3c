// Laying out a session's network. Create runs the same code twice in a session's life: with a counting
// arena, to know the size, and with the real one.
#include "engine/network.h"

#include <algorithm>
#include <bit>
#include <new>

#include "engine/memory_plan.h"
#include "model/layer_linears.h"

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

Status Network::Create(const PackedModel& model, const NetworkOptions& options, Arena* arena, Network** network,
                       MemoryPlan* plan) {
  *network = nullptr;
  if (options.max_tokens == 0 || options.max_tokens > model.model().max_tokens()) {
    return Status::Error(Code::kInvalidArgument, "max_tokens: %u: must be 1 to %u, the model's limit",
                         options.max_tokens, model.model().max_tokens());
  }
  PBERT_RETURN_IF_ERROR(CheckTeamSize(options.threads));  // before anything is laid out for each of them
  const size_t head_count = model.model().head_count();
  if (options.heads == 0 || static_cast<size_t>(std::bit_width(options.heads)) > head_count) {
    return Status::Error(Code::kInvalidArgument, "heads: bits %#x: the file has %zu, and at least one is needed",
                         options.heads, head_count);
  }
  if (!arena->counting() && !model.packed()) {
    return Status::Error(Code::kInvalidArgument, "the model's weights are not packed yet");
  }
  void* place = arena->TakeBytes(sizeof(Network));
  Network counted;
  if (!arena->counting() && place == nullptr) return Status::Error(Code::kNoMemory, "session memory is too small");
  Network* made = arena->counting() ? &counted : new (place) Network;
  MemoryPlan own;
  if (plan == nullptr) plan = &own;
  *plan = MemoryPlan();
  const Status status = made->Bind(model, options, arena, plan);
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
    for (BoundLinear* linear : LinearsOf(layers_[i])) linear->Release();
  }
  for (size_t i = 0; heads_ != nullptr && i < bound_heads_; ++i) {
    for (size_t s = 0; s < heads_[i].step_count; ++s) heads_[i].steps[s].linear.Release();
  }
}

Status Network::Bind(const PackedModel& packed, const NetworkOptions& options, Arena* arena, MemoryPlan* plan) {
  const Model& model = packed.model();
  const Status too_small = Status::Error(Code::kNoMemory, "session memory is too small");
  kernels_ = packed.backend() == BackendKind::kReference ? &ScalarKernels() : &BestKernels();
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
  PBERT_RETURN_IF_ERROR(embedding_projection_.Bind(packed.embedding_projection(), hidden_size_, threads, arena));
  Needs needs;
  needs.AddScratch(packed.embedding_projection(), max_tokens_, Step::kProject);

  const size_t layer_count = packed.layer_count();
  Layer* layers = arena->Take<Layer>(layer_count);
  if (!arena->counting()) {
    if (arena->overflowed()) return too_small;
    for (size_t i = 0; i < layer_count; ++i) new (&layers[i]) Layer;
    layers_ = layers;
    layer_count_ = layer_count;
  }
  for (size_t i = 0; i < layer_count; ++i) {
    const PackedLayer& from = packed.layer(i);
    for (const PackedLinear* linear : {&from.query, &from.key, &from.value}) {
      needs.AddScratch(*linear, max_tokens_, Step::kQkv);
    }
    needs.AddScratch(from.attention_output, max_tokens_, Step::kAttentionOutput);
    needs.AddScratch(from.ffn_in, ffn_rows_, Step::kFfnIn);
    needs.AddScratch(from.ffn_out, ffn_rows_, Step::kFfnOut);
    Layer counted;
    Layer& layer = arena->counting() ? counted : layers[i];
    PBERT_RETURN_IF_ERROR(layer.query.Bind(from.query, 3 * hidden_size_, threads, arena));
    PBERT_RETURN_IF_ERROR(layer.key.Bind(from.key, 3 * hidden_size_, threads, arena));
    PBERT_RETURN_IF_ERROR(layer.value.Bind(from.value, 3 * hidden_size_, threads, arena));
    PBERT_RETURN_IF_ERROR(layer.attention_output.Bind(from.attention_output, hidden_size_, threads, arena));
    PBERT_RETURN_IF_ERROR(layer.ffn_in.Bind(from.ffn_in, ffn_size_, threads, arena));
    PBERT_RETURN_IF_ERROR(layer.ffn_out.Bind(from.ffn_out, hidden_size_, threads, arena));
    needs.int8_qkv |= layer.query.quantized() || layer.key.quantized() || layer.value.quantized();
    (layer.attention_output.quantized() ? needs.int8_attention_output : needs.float_attention_output) = true;
    needs.int8_ffn_in |= layer.ffn_in.quantized();
    (layer.ffn_out.quantized() ? needs.int8_ffn_out : needs.float_ffn_out) = true;
    const schema::Layer& tables = *encoder_->layers()->Get(i);
    layer.attention_gamma = Floats(model, tables.attention_norm()->gamma());
    layer.attention_beta = Floats(model, tables.attention_norm()->beta());
    layer.ffn_gamma = Floats(model, tables.ffn_norm()->gamma());
    layer.ffn_beta = Floats(model, tables.ffn_norm()->beta());
  }
  const auto bound_heads = static_cast<size_t>(std::popcount(options.heads));
  Head* heads = arena->Take<Head>(bound_heads);
  if (!arena->counting()) {
    if (arena->overflowed()) return too_small;
    for (size_t i = 0; i < bound_heads; ++i) new (&heads[i]) Head;
    head_ = heads_ = heads;
    bound_heads_ = bound_heads;
  }
  uint32_t left = options.heads;
  for (size_t i = 0; i < bound_heads; ++i, left &= left - 1) {
    Head counted;
    Head& head = arena->counting() ? counted : heads[i];
    head.number = static_cast<uint32_t>(std::countr_zero(left));
    PBERT_RETURN_IF_ERROR(BindHead(packed, &head, arena, &needs));
  }

  // A thread's own scratch memory begins on a cache line.
  attention_scratch_floats_ =
      RoundUp(uint64_t{AttentionScratch(max_tokens_, hidden_size_ / head_count_)}, kCacheLine / sizeof(float));
  product_scratch_bytes_ = RoundUp(needs.product_scratch, kCacheLine);
  thread_status_ = arena->Take<Status>(threads);
  PlanBuffers(needs, threads, plan);
  plan->Place(arena->TakeBytes(plan->Finish()));
  if (arena->overflowed()) return too_small;
  for (uint32_t t = 0; !arena->counting() && t < threads; ++t) new (&thread_status_[t]) Status;
  return Team::Create(threads, arena, &team_);
}

void Network::Needs::AddScratch(const PackedLinear& linear, size_t rows, Step step) {
  if (!linear.present()) return;
  const uint64_t bytes = linear.backend->ScratchBytes(linear.weights, rows);
  if (bytes == 0) return;
  product_scratch = std::max(product_scratch, bytes);
  product_scratch_steps = product_scratch_steps | StepSet::Of(step);
}

// A head's steps run on the calling thread, on a few rows at a time.
Status Network::BindHead(const PackedModel& packed, Head* bound, Arena* arena, Needs* needs) {
  const schema::Head& head = packed.model().head(bound->number);
  const size_t count = head.steps() == nullptr ? 0 : head.steps()->size();
  HeadStep* steps = arena->Take<HeadStep>(count);
  if (!arena->counting()) {
    if (arena->overflowed()) return Status::Error(Code::kNoMemory, "session memory is too small");
    for (size_t i = 0; i < count; ++i) new (&steps[i]) HeadStep;
    bound->steps = steps;
    bound->step_count = count;
  }
  uint32_t width = hidden_size_;
  uint32_t widest = width;
  uint32_t input = 0;            // columns of the widest that meets int8 weights
  uint32_t outputs[2] = {0, 0};  // columns of the widest of the even, of the odd steps
  for (size_t i = 0; i < count; ++i) {
    const schema::HeadStep& table = *head.steps()->Get(i);
    HeadStep counted;
    HeadStep& step = arena->counting() ? counted : steps[i];
    const PackedLinear& linear = packed.head_linear(bound->number, i);
    if (linear.present() && linear.weights.quantized()) input = std::max(input, width);
    if (linear.present()) width = linear.weights.outputs();
    widest = std::max(widest, width);
    outputs[i % 2] = std::max(outputs[i % 2], width);
    PBERT_RETURN_IF_ERROR(step.linear.Bind(linear, width, 1, arena));
    step.activation = Kind(table.activation());
    step.gamma = table.norm() == nullptr ? nullptr : Floats(packed.model(), table.norm()->gamma());
    step.beta = table.norm() == nullptr ? nullptr : Floats(packed.model(), table.norm()->beta());
  }
  bound->outputs = width;
  const size_t rows_at_once = std::max<size_t>(1, kHeadOutputBytes / (sizeof(float) * widest));
  const uint64_t rows = head.rows() == schema::RowChoice::First ? 1 : std::min<size_t>(max_tokens_, rows_at_once);
  bound->max_rows = static_cast<size_t>(rows);

  if (input > 0) {
    needs->head_input_rows = std::max(needs->head_input_rows, rows);
    needs->head_input_values = std::max(needs->head_input_values, rows * input);
  }
  for (size_t i = 0; i < 2; ++i) needs->head_values[i] = std::max(needs->head_values[i], rows * outputs[i]);
  if (count > 0) needs->head_reads[(count - 1) % 2] = true;
  for (size_t i = 0; i < count; ++i) {
    needs->AddScratch(packed.head_linear(bound->number, i), bound->max_rows, Step::kHead);
  }
  return Status();
}

// What is alive when. Each buffer is sized for the longest input, and is there where any layer needs it.
void Network::PlanBuffers(const Needs& needs, uint32_t threads, MemoryPlan* plan) {
  const uint64_t tokens = max_tokens_;
  auto floats = [](uint64_t rows, uint64_t columns) { return rows * columns * sizeof(float) + kInputPadding; };
  auto add_floats = [&](const char* name, uint64_t rows, uint64_t columns, StepSet alive, float** place) {
    plan->Add(name, floats(rows, columns), alive, place);
  };
  auto add_int8 = [&](const char* name, const char* params_name, uint64_t rows, uint64_t columns, StepSet alive,
                      Activations* place) {
    plan->Add(name, rows * columns + kInputPadding, alive, &place->quantized);
    plan->Add(params_name, rows * sizeof(RowQuant), alive, &place->params);
  };
  const bool projects = embedding_projection_.present();
  // With several tiles of rows the steps of the feed-forward are repeated, so that what the first of them reads must
  // outlast the last, and what the last writes is there during the first.
  const bool tiles = ffn_rows_ < tokens;
  const StepSet ffn = StepSet::Range(Step::kFfnIn, Step::kFfnOut);

  // The residual stream lives throughout and is what a head, or the caller, finds at the end. Its int8 form is made by
  // each norm for the product behind it, and gone in between.
  add_floats("hidden", tokens, hidden_size_, StepSet::Range(projects ? Step::kProject : Step::kEmbed, Step::kRead),
             &hidden_.values);
  if (needs.int8_qkv || needs.int8_ffn_in) {
    StepSet alive = StepSet::Of(projects ? Step::kProject : Step::kEmbed, Step::kAttentionNorm, Step::kFfnNorm);
    if (needs.int8_qkv) alive = alive | StepSet::Of(Step::kQkv);
    if (needs.int8_ffn_in) alive = alive | (tiles ? ffn : StepSet::Of(Step::kFfnIn));
    add_int8("hidden int8", "hidden int8 params", tokens, hidden_size_, alive, &hidden_);
  }
  if (projects) {
    const bool int8 = embedding_projection_.quantized();
    const StepSet both = StepSet::Of(Step::kEmbed, Step::kProject);
    add_floats("embedded", tokens, embedding_size_, int8 ? StepSet::Of(Step::kEmbed) : both, &embedded_.values);
    if (int8) add_int8("embedded int8", "embedded int8 params", tokens, embedding_size_, both, &embedded_);
  }

  add_floats("query key value", tokens, 3 * uint64_t{hidden_size_}, StepSet::Range(Step::kQkv, Step::kAttend), &qkv_);
  plan->Add("attention scratch", uint64_t{threads} * attention_scratch_floats_ * sizeof(float),
            StepSet::Of(Step::kAttend), &attention_scratch_);
  // In an all-float network nobody quantizes, and the step takes no time.
  const Step context_last = needs.float_attention_output ? Step::kAttentionOutput : Step::kQuantize;
  add_floats("context", tokens, hidden_size_, StepSet::Range(Step::kAttend, context_last), &context_.values);
  if (needs.int8_attention_output) {
    add_int8("context int8", "context int8 params", tokens, hidden_size_,
             StepSet::Range(Step::kQuantize, Step::kAttentionOutput), &context_);
  }
  add_floats("projected", tokens, hidden_size_, StepSet::Range(Step::kAttentionOutput, Step::kAttentionNorm),
             &projected_);

  const Step middle_last = needs.float_ffn_out ? Step::kFfnOut : Step::kActivate;
  add_floats("ffn middle", ffn_rows_, ffn_size_, StepSet::Range(Step::kFfnIn, middle_last), &middle_.values);
  if (needs.int8_ffn_out) {
    add_int8("ffn middle int8", "ffn middle int8 params", ffn_rows_, ffn_size_,
             StepSet::Range(Step::kActivate, Step::kFfnOut), &middle_);
  }
  add_floats("ffn result", tokens, hidden_size_, StepSet::Range(tiles ? Step::kFfnIn : Step::kFfnOut, Step::kFfnNorm),
             &ffn_result_);

  // One place for all products, which run one after the other.
  plan->Add("product scratch", threads * product_scratch_bytes_, needs.product_scratch_steps, &product_scratch_);

  // A head's steps take turns with two buffers. The caller reads the last one. Heads run one after the other.
  if (needs.head_input_rows > 0) {
    plan->Add("head input int8", needs.head_input_values + kInputPadding, StepSet::Of(Step::kHead),
              &head_input_.quantized);
    plan->Add("head input int8 params", needs.head_input_rows * sizeof(RowQuant), StepSet::Of(Step::kHead),
              &head_input_.params);
  }
  constexpr const char* kHeadNames[2] = {"head output", "head output 2"};
  for (size_t i = 0; i < 2 && needs.head_values[i] > 0; ++i) {
    add_floats(kHeadNames[i], 1, needs.head_values[i],
               needs.head_reads[i] ? StepSet::Of(Step::kHead, Step::kRead) : StepSet::Of(Step::kHead),
               &head_values_[i]);
  }
}

}  // namespace pbert
