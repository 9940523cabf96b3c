// One request: embeddings, layers, and the selected rows of the last one.
//
// All threads of the team run the same code. Elementwise work is shared out by rows, products by output
// columns, attention by heads; a barrier stands wherever one share reads what another has written.
#include <algorithm>
#include <cstring>

#include "engine/network.h"

namespace pbert {
namespace {

// Adds a row of an embedding table to `sum`.
void AddTableRow(const Kernels& kernels, const TensorView& table, size_t row, float* sum) {
  if (table.type == schema::TensorType::I8) {
    kernels.add_int8_row(table.int8s() + row * table.columns, table.scales[row], table.columns, sum);
  } else {
    kernels.add_row(table.floats() + row * table.columns, table.columns, sum);
  }
}

OpKind KindOf(Step step) {
  switch (step) {
    case Step::kEmbed:
    case Step::kProject:
      return OpKind::kEmbedding;
    case Step::kQkv:
      return OpKind::kQkv;
    case Step::kAttend:
      return OpKind::kAttention;
    case Step::kAttentionOutput:
      return OpKind::kAttentionOutput;
    case Step::kQuantize:
    case Step::kAttentionNorm:
    case Step::kFfnNorm:
      return OpKind::kNorm;
    case Step::kFfnIn:
    case Step::kActivate:
      return OpKind::kFfnIn;
    case Step::kFfnOut:
      return OpKind::kFfnOut;
    case Step::kHead:
    case Step::kRead:
      return OpKind::kHead;
  }
  return OpKind::kHead;
}

}  // namespace

void Network::Announce(Step step) const {
  if (step_hook_.begin != nullptr) step_hook_.begin(step_hook_.context, step);
  if (profile_.begin != nullptr) profile_.begin(profile_.context, KindOf(step));
}

Status Network::CheckInput(const NetworkInput& input, const RowSelection& rows) const {
  const size_t tokens = input.ids.size();
  if (tokens == 0 || tokens > max_tokens_) {
    return Status::Error(Code::kInvalidArgument, "tokens: %zu: must be 1 to %u", tokens, max_tokens_);
  }
  if (!input.type_ids.empty() && input.type_ids.size() != tokens) {
    return Status::Error(Code::kInvalidArgument, "type ids: %zu for %zu tokens", input.type_ids.size(), tokens);
  }
  for (const int32_t id : input.ids) {
    if (id < 0 || static_cast<uint32_t>(id) >= token_table_.rows) {
      return Status::Error(Code::kInvalidArgument, "token id: %d: the vocabulary has %u", id, token_table_.rows);
    }
  }
  if (type_table_.present()) {
    for (const uint8_t type : input.type_ids) {
      if (type >= type_table_.rows) {
        return Status::Error(Code::kInvalidArgument,
                             "token type %u: the model was trained with %u, so it cannot take a pair of texts", type,
                             type_table_.rows);
      }
    }
  }
  for (size_t i = 0; i < input.starts.size(); ++i) {
    if (i == 0 ? input.starts[0] != 0 : input.starts[i] <= input.starts[i - 1] || input.starts[i] >= tokens) {
      return Status::Error(Code::kInvalidArgument,
                           "texts: they must begin at 0, ascend and be below %zu, the number of tokens", tokens);
    }
  }
  if (rows.choice == schema::RowChoice::Listed && !input.starts.empty()) {
    return Status::Error(Code::kInvalidArgument, "rows: they cannot be listed where there are several texts");
  }
  if (rows.choice == schema::RowChoice::Listed) {
    for (size_t i = 0; i < rows.listed.size(); ++i) {
      const bool ascending = i == 0 || rows.listed[i - 1] < rows.listed[i];
      if (rows.listed[i] >= tokens || !ascending) {
        return Status::Error(Code::kInvalidArgument, "rows: must ascend and be below %zu, the number of tokens",
                             tokens);
      }
    }
  }
  return Status();
}

Status Network::Encode(const NetworkInput& input, const RowSelection& rows, const HiddenStateTap* tap) {
  PBERT_RETURN_IF_ERROR(CheckInput(input, rows));
  request_ = {&input, &rows, tap};
  for (uint32_t t = 0; t < team_->size(); ++t) thread_status_[t] = Status();
  const Status run = team_->Run(EncodeOnThread, this);
  request_ = {};
  PBERT_RETURN_IF_ERROR(run);
  for (uint32_t t = 0; t < team_->size(); ++t) PBERT_RETURN_IF_ERROR(thread_status_[t]);
  return Status();
}

void Network::EncodeOnThread(void* self, uint32_t thread) {
  Network& network = *static_cast<Network*>(self);
  const Request request = network.request_;
  const size_t tokens = request.input->ids.size();
  network.Enter(thread, Step::kEmbed);
  network.Embed(thread, tokens);
  network.NotifyTap(thread, TapPoint::kEmbeddings, 0, tokens);
  const auto* order = network.encoder_->order();
  const size_t passes = order == nullptr ? network.layer_count_ : order->size();
  for (size_t i = 0; i < passes; ++i) {
    const Layer& layer = network.layers_[order == nullptr ? i : order->Get(i)];
    network.RunLayer(thread, layer, static_cast<uint32_t>(i + 1), tokens, i + 1 == passes);
  }
}

// Everybody waits while the first thread shows what all have written.
void Network::NotifyTap(uint32_t thread, TapPoint point, uint32_t layer, size_t rows) {
  const HiddenStateTap* tap = request_.tap;
  if (tap == nullptr) return;
  if (thread == 0) tap->see(tap->context, point, layer, hidden_.values, rows, hidden_size_);
  team_->Barrier();
}

// hidden = norm(token + position + type), through the projection where there is one.
void Network::Embed(uint32_t thread, size_t tokens) {
  const NetworkInput& input = *request_.input;
  const bool projected = embedding_projection_.present();
  const Activations& sum = projected ? embedded_ : hidden_;
  const size_t columns = embedding_size_;
  const int32_t uncounted = encoder_->embeddings()->uncounted_id();
  const Range mine = Share(thread, tokens);
  size_t position = encoder_->embeddings()->position_offset();
  // The texts that begin behind this thread's first row, and where the text of that row does.
  const auto later = std::upper_bound(input.starts.begin(), input.starts.end(), mine.begin);
  auto next = later;
  for (size_t r = later == input.starts.begin() ? 0 : *(later - 1); r < mine.begin; ++r) {
    position += input.ids[r] != uncounted;
  }
  for (size_t r = mine.begin; r < mine.end; ++r) {
    if (next != input.starts.end() && r == *next) {
      position = encoder_->embeddings()->position_offset();
      ++next;
    }
    float* row = sum.values + r * columns;
    memset(row, 0, columns * sizeof(float));
    AddTableRow(*kernels_, token_table_, input.ids[r], row);
    // Padding that stands in a text takes no place: its row is the one before all places.
    const bool counted = input.ids[r] != uncounted;
    const size_t own = counted ? position++ : encoder_->embeddings()->position_offset() - 1;
    if (position_table_.present()) AddTableRow(*kernels_, position_table_, own, row);
    if (type_table_.present()) {
      AddTableRow(*kernels_, type_table_, input.type_ids.empty() ? 0 : input.type_ids[r], row);
    }
  }
  const Activations rows = sum.From(mine.begin, columns);
  kernels_->layer_norm(rows.values, nullptr, mine.size(), columns, embedding_gamma_, embedding_beta_, epsilon_,
                       Output(rows));
  team_->Barrier();
  if (!projected) return;
  Enter(thread, Step::kProject);
  Multiply(thread, embedding_projection_, tokens, embedded_, hidden_.values);
  Quantize(thread, tokens, hidden_size_, hidden_);
}

void Network::RunLayer(uint32_t thread, const Layer& layer, uint32_t number, size_t tokens, bool last) {
  // Everything behind the keys and values is wanted for the selected rows only.
  const RowSelection& selection = *request_.rows;
  const std::span<const uint32_t> starts = request_.input->starts;
  size_t rows = tokens;
  Enter(thread, Step::kQkv);
  Compute(thread, layer.key, tokens, hidden_, qkv_ + hidden_size_);
  Compute(thread, layer.value, tokens, hidden_, qkv_ + 2 * hidden_size_);
  if (last && selection.choice != schema::RowChoice::All) {
    const bool listed = selection.choice == schema::RowChoice::Listed;
    const std::span<const uint32_t> selected = listed ? selection.listed : starts;
    rows = listed || !starts.empty() ? selected.size() : 1;
    if (!selected.empty()) {
      team_->Barrier();
      if (thread == 0) SelectRows(selected, layer.query.quantized());
      team_->Barrier();
    }
  }
  if (last && thread == 0) rows_ = rows;
  Multiply(thread, layer.query, rows, hidden_, qkv_);
  Enter(thread, Step::kAttend);
  Attend(thread, rows, tokens);
  if (context_.quantized != nullptr) Enter(thread, Step::kQuantize);
  Quantize(thread, rows, hidden_size_, context_);
  Enter(thread, Step::kAttentionOutput);
  Multiply(thread, layer.attention_output, rows, context_, projected_);
  Enter(thread, Step::kAttentionNorm);
  AddNorm(thread, projected_, rows, layer.attention_gamma, layer.attention_beta);
  NotifyTap(thread, TapPoint::kAttention, number, rows);
  FeedForward(thread, layer, rows);
  Enter(thread, Step::kFfnNorm);
  AddNorm(thread, ffn_result_, rows, layer.ffn_gamma, layer.ffn_beta);
  NotifyTap(thread, TapPoint::kLayer, number, rows);
}

// Moves the listed rows of the hidden state to its front; they ascend, so no row is overwritten before
// it has moved. The int8 form goes with them where the queries' product reads it; else it may not even be alive.
void Network::SelectRows(std::span<const uint32_t> rows, bool int8) {
  const size_t columns = hidden_size_;
  for (size_t i = 0; i < rows.size(); ++i) {
    const size_t from = rows[i];
    if (from == i) continue;
    memcpy(hidden_.values + i * columns, hidden_.values + from * columns, columns * sizeof(float));
    if (!int8) continue;
    memcpy(hidden_.quantized + i * columns, hidden_.quantized + from * columns, columns);
    hidden_.params[i] = hidden_.params[from];
  }
}

// context = softmax(Q K^T) V, text by text and head by head.
void Network::Attend(uint32_t thread, size_t queries, size_t tokens) {
  const size_t stride = 3 * size_t{hidden_size_};
  const size_t head_size = hidden_size_ / head_count_;
  float* scratch = attention_scratch_ + thread * static_cast<size_t>(attention_scratch_floats_);
  const Range mine = Share(thread, head_count_);
  const std::span<const uint32_t> starts = request_.input->starts;
  const size_t texts = std::max<size_t>(1, starts.size());
  for (size_t text = 0; text < texts; ++text) {
    const size_t begin = starts.empty() ? 0 : starts[text];
    const size_t keys = (text + 1 < texts ? starts[text + 1] : tokens) - begin;
    // Where fewer rows than tokens ask, several texts have one each.
    const bool one_each = texts > 1 && queries < tokens;
    const size_t first = one_each ? text : begin;
    const size_t asking = one_each ? 1 : std::min(queries, keys);
    for (size_t head = mine.begin; head < mine.end; ++head) {
      const float* q = qkv_ + head * head_size;
      const float* k = q + hidden_size_ + begin * stride;
      const float* v = k + hidden_size_;
      kernels_->attention(q + first * stride, stride, asking, k, v, stride, keys, head_size, scratch,
                          context_.values + first * hidden_size_ + head * head_size, hidden_size_);
    }
  }
  team_->Barrier();
}

// ffn_result = FFN2(activation(FFN1(hidden))), a tile of rows after the other.
void Network::FeedForward(uint32_t thread, const Layer& layer, size_t rows) {
  for (size_t first = 0; first < rows; first += ffn_rows_) {
    const size_t tile = std::min(ffn_rows_, rows - first);
    Enter(thread, Step::kFfnIn);
    Multiply(thread, layer.ffn_in, tile, hidden_.From(first, hidden_size_), middle_.values);
    Enter(thread, Step::kActivate);
    const Range mine = Share(thread, tile);
    const Activations part = middle_.From(mine.begin, ffn_size_);
    RowOutput output = Output(part);
    if (layer.ffn_out.quantized()) {
      output.values = nullptr;
    } else {
      output.quantized = nullptr;
    }
    kernels_->activate(activation_, part.values, mine.size(), ffn_size_, output);
    team_->Barrier();
    Enter(thread, Step::kFfnOut);
    Multiply(thread, layer.ffn_out, tile, middle_, ffn_result_ + first * hidden_size_);
  }
}

// The thread's share of a product. Whoever reads the others' waits for them first.
void Network::Compute(uint32_t thread, const BoundLinear& linear, size_t rows, const Activations& x, float* y) {
  const Status status = linear.Run(thread, rows, x.input(), y, ProductScratch(thread));
  // The others wait at the barriers, so a failing thread goes on as well and reports at the end.
  if (!status.ok() && thread_status_[thread].ok()) thread_status_[thread] = status;
}

void Network::Multiply(uint32_t thread, const BoundLinear& linear, size_t rows, const Activations& x, float* y) {
  Compute(thread, linear, rows, x, y);
  team_->Barrier();
}

// x.quantized = x.values; nothing to do where no int8 weights follow.
void Network::Quantize(uint32_t thread, size_t rows, size_t columns, const Activations& x) {
  if (x.quantized == nullptr) return;
  const Range mine = Share(thread, rows);
  const Activations part = x.From(mine.begin, columns);
  kernels_->quantize(part.values, mine.size(), columns, part.quantized, part.params);
  team_->Barrier();
}

// hidden = norm(x + hidden), in both forms.
void Network::AddNorm(uint32_t thread, const float* x, size_t rows, const float* gamma, const float* beta) {
  const Range mine = Share(thread, rows);
  const Activations part = hidden_.From(mine.begin, hidden_size_);
  kernels_->layer_norm(x + mine.begin * hidden_size_, part.values, mine.size(), hidden_size_, gamma, beta, epsilon_,
                       Output(part));
  team_->Barrier();
}

void Network::UseHead(uint32_t head) {
  const auto* found =
      std::find_if(heads_, heads_ + bound_heads_, [head](const Head& bound) { return bound.number == head; });
  if (found != heads_ + bound_heads_) head_ = found;
}

Status Network::RunHead(size_t first_row, size_t rows, const float** outputs) {
  if (rows == 0 || rows > head_->max_rows || rows > rows_ || first_row > rows_ - rows) {
    return Status::Error(Code::kInvalidArgument, "head rows: %zu from %zu: at most %zu at once, of %zu", rows,
                         first_row, head_->max_rows, rows_);
  }
  // The other threads are not in a request.
  Announce(Step::kHead);
  const float* x = hidden(first_row);
  size_t columns = hidden_size_;
  for (size_t i = 0; i < head_->step_count; ++i) {
    const HeadStep& step = head_->steps[i];
    float* y = head_values_[i % 2];
    if (step.linear.present()) {
      if (step.linear.quantized()) kernels_->quantize(x, rows, columns, head_input_.quantized, head_input_.params);
      PBERT_RETURN_IF_ERROR(
          step.linear.Run(0, rows, {x, head_input_.quantized, head_input_.params}, y, ProductScratch(0)));
      columns = step.linear.outputs();
    } else {
      memcpy(y, x, rows * columns * sizeof(float));
    }
    if (step.activation != ActivationKind::kNone) {
      kernels_->activate(step.activation, y, rows, columns, {y, nullptr, nullptr});
    }
    if (step.gamma != nullptr) {
      kernels_->layer_norm(y, nullptr, rows, columns, step.gamma, step.beta, epsilon_, {y, nullptr, nullptr});
    }
    x = y;
  }
  *outputs = x;
  Announce(Step::kRead);
  return Status();
}

}  // namespace pbert
