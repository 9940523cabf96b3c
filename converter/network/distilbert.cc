// DistilBERT (Sanh et al. 2019, https://arxiv.org/abs/1910.01108): BERT's encoder without token types and pooler.
#include "converter/network/distilbert.h"

#include <cmath>

#include "converter/network/family.h"

namespace pbert::converter {

// The classifier's ReLU is the head's own, whatever the encoder uses.
Family DistilBert() noexcept {
  return {
      .model_type = "distilbert",
      .prefix = "distilbert.",
      .config = {.hidden = "dim",
                 .heads = "n_heads",
                 .ffn = "hidden_dim",
                 .layers = "n_layers",
                 .activation = "activation",
                 .vocabulary_default = 30522,
                 .hidden_default = 768,
                 .heads_default = 12,
                 .ffn_default = 4 * 768,
                 .layers_default = 6,
                 .has_norm_epsilon = false,
                 .sinusoidal = true},
      .layers = "transformer.layer.",
      .layer = {.query = "attention.q_lin",
                .key = "attention.k_lin",
                .value = "attention.v_lin",
                .attention_output = "attention.out_lin",
                .attention_norm = "sa_layer_norm",
                .ffn_in = "ffn.lin1",
                .ffn_out = "ffn.lin2",
                .ffn_norm = "output_layer_norm"},
      .heads = {
          {{"DistilBertForSequenceClassification"},
           schema::Task::TextClassification,
           {{"pre_classifier", Outputs::kHidden, StepActivation::kRelu}, {"classifier", Outputs::kLabels}}},
          {{"DistilBertForTokenClassification"}, schema::Task::TokenClassification, {{"classifier", Outputs::kLabels}}},
          {{"DistilBertForQuestionAnswering"}, schema::Task::QuestionAnswering, {{"qa_outputs", Outputs::kTwo}}},
          {{"DistilBertForMaskedLM"},
           schema::Task::FillMask,
           {{"vocab_transform", Outputs::kHidden, StepActivation::kEncoder, "vocab_layer_norm"},
            {"vocab_projector", Outputs::kVocabulary}}},
          {{"DistilBertModel"}, schema::Task::FeatureExtraction, {}},
      }};
}

void SinusoidalPosition(uint32_t position, std::span<float> out) {
  for (size_t column = 0; column < out.size(); ++column) {
    const double exponent = static_cast<double>(column / 2 * 2) / static_cast<double>(out.size());
    const double angle = position / std::pow(10000.0, exponent);
    out[column] = static_cast<float>(column % 2 == 0 ? std::sin(angle) : std::cos(angle));
  }
}

}  // namespace pbert::converter
