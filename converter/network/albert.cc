// ALBERT (Lan et al. 2019, https://arxiv.org/abs/1909.11942): BERT with narrow embeddings, projected to the hidden
// size, and with layers that are used again and again.
#include "converter/network/family.h"

namespace pbert::converter {

Family Albert() noexcept {
  return {.model_type = "albert",
          .prefix = "albert.",
          .config = {.vocabulary_default = 30000,
                     .hidden_default = 4096,
                     .heads_default = 64,
                     .ffn_default = 16384,
                     .layers_default = 12,
                     .embedding_default = 128,
                     .token_types_default = 2,
                     .activation_default = "gelu_new",
                     .groups = true},
          .layers = "encoder.albert_layer_groups.",
          .group_layers = "albert_layers.",
          .layer = {.query = "attention.query",
                    .key = "attention.key",
                    .value = "attention.value",
                    .attention_output = "attention.dense",
                    .attention_norm = "attention.LayerNorm",
                    .ffn_in = "ffn",
                    .ffn_out = "ffn_output",
                    .ffn_norm = "full_layer_layer_norm"},
          .projection = "encoder.embedding_hidden_mapping_in",
          .projection_always = true,
          .heads = {
              {{"AlbertForSequenceClassification"},
               schema::Task::TextClassification,
               {{"@pooler", Outputs::kHidden, StepActivation::kTanh}, {"classifier", Outputs::kLabels}}},
              {{"AlbertForTokenClassification"}, schema::Task::TokenClassification, {{"classifier", Outputs::kLabels}}},
              {{"AlbertForQuestionAnswering"}, schema::Task::QuestionAnswering, {{"qa_outputs", Outputs::kTwo}}},
              {{"AlbertForMaskedLM", "AlbertForPreTraining"},
               schema::Task::FillMask,
               {{"predictions.dense", Outputs::kEmbedding, StepActivation::kEncoder, "predictions.LayerNorm"},
                {.linear = "predictions.decoder",
                 .outputs = Outputs::kVocabulary,
                 .biases = {"predictions.decoder.bias", "predictions.bias"}}}},
              {{"AlbertModel"}, schema::Task::FeatureExtraction, {}},
          }};
}

}  // namespace pbert::converter
