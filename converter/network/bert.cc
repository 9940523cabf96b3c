// BERT (Devlin et al. 2018, https://arxiv.org/abs/1810.04805), and all that is BERT with other numbers: TinyBERT,
// MiniLM, sentence-transformers.
#include "converter/network/family.h"

namespace pbert::converter {

const LayerNames& BertLayerNames() {
  static const LayerNames kNames = {.query = "attention.self.query",
                                    .key = "attention.self.key",
                                    .value = "attention.self.value",
                                    .attention_output = "attention.output.dense",
                                    .attention_norm = "attention.output.LayerNorm",
                                    .ffn_in = "intermediate.dense",
                                    .ffn_out = "output.dense",
                                    .ffn_norm = "output.LayerNorm"};
  return kNames;
}

// Both heads that read a whole text go through the pooler: the first token's row, a linear layer, tanh.
Family Bert() noexcept {
  const StepNames pooler = {"@pooler.dense", Outputs::kHidden, StepActivation::kTanh};
  return {.model_type = "bert",
          .prefix = "bert.",
          .config = {.vocabulary_default = 30522,
                     .hidden_default = 768,
                     .heads_default = 12,
                     .ffn_default = 3072,
                     .layers_default = 12,
                     .token_types_default = 2},
          .layers = "encoder.layer.",
          .layer = BertLayerNames(),
          .heads = {
              {{"BertForSequenceClassification"},
               schema::Task::TextClassification,
               {pooler, {"classifier", Outputs::kLabels}}},
              {{"BertForTokenClassification"}, schema::Task::TokenClassification, {{"classifier", Outputs::kLabels}}},
              {{"BertForQuestionAnswering"}, schema::Task::QuestionAnswering, {{"qa_outputs", Outputs::kTwo}}},
              {{"BertForMaskedLM", "BertForPreTraining"},
               schema::Task::FillMask,
               {{"cls.predictions.transform.dense", Outputs::kHidden, StepActivation::kEncoder,
                 "cls.predictions.transform.LayerNorm"},
                {.linear = "cls.predictions.decoder",
                 .outputs = Outputs::kVocabulary,
                 .biases = {"cls.predictions.bias", "cls.predictions.decoder.bias"}}}},
              {{"BertForNextSentencePrediction"},
               schema::Task::NextSentence,
               {pooler, {"cls.seq_relationship", Outputs::kTwo}}},
              {{"BertModel"}, schema::Task::FeatureExtraction, {}},
          }};
}

}  // namespace pbert::converter
