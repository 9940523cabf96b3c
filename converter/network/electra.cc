// ELECTRA (Clark et al. 2020, https://arxiv.org/abs/2003.10555): BERT trained to find replaced tokens; its embeddings
// may be narrower than its layers.
#include "converter/network/family.h"

namespace pbert::converter {

Family Electra() noexcept {
  return {
      .model_type = "electra",
      .prefix = "electra.",
      .config = {.vocabulary_default = 30522,
                 .hidden_default = 256,
                 .heads_default = 4,
                 .ffn_default = 1024,
                 .layers_default = 12,
                 .embedding_default = 128,
                 .token_types_default = 2},
      .layers = "encoder.layer.",
      .layer = BertLayerNames(),
      .projection = "embeddings_project",
      .heads = {
          // The GELU of this head and of the generator's is fixed, whatever the layers use.
          {{"ElectraForSequenceClassification"},
           schema::Task::TextClassification,
           {{"classifier.dense", Outputs::kHidden, StepActivation::kGelu}, {"classifier.out_proj", Outputs::kLabels}}},
          {{"ElectraForTokenClassification"}, schema::Task::TokenClassification, {{"classifier", Outputs::kLabels}}},
          {{"ElectraForQuestionAnswering"}, schema::Task::QuestionAnswering, {{"qa_outputs", Outputs::kTwo}}},
          {{"ElectraForMaskedLM"},
           schema::Task::FillMask,
           {{"generator_predictions.dense", Outputs::kEmbedding, StepActivation::kGelu,
             "generator_predictions.LayerNorm"},
            {"generator_lm_head", Outputs::kVocabulary}}},
          {{"ElectraModel"}, schema::Task::FeatureExtraction, {}},
      }};
}

}  // namespace pbert::converter
