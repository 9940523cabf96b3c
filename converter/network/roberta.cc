// RoBERTa (Liu et al. 2019, https://arxiv.org/abs/1907.11692): BERT whose positions begin behind the padding token's id
// and whose classifier has a dense layer of its own instead of the pooler. XLM-R and CamemBERT differ by their
// vocabularies.
#include "converter/network/family.h"

namespace pbert::converter {
namespace {

Family RobertaLike(const std::string& model_type, const std::string& name, uint32_t vocabulary) noexcept {
  return {
      .model_type = model_type,
      .prefix = "roberta.",
      .config = {.vocabulary_default = vocabulary,
                 .hidden_default = 768,
                 .heads_default = 12,
                 .ffn_default = 3072,
                 .layers_default = 12,
                 .token_types_default = 2,
                 .padding_default = 1},
      .layers = "encoder.layer.",
      .layer = BertLayerNames(),
      .heads = {
          {{name + "ForSequenceClassification"},
           schema::Task::TextClassification,
           {{"classifier.dense", Outputs::kHidden, StepActivation::kTanh}, {"classifier.out_proj", Outputs::kLabels}}},
          {{name + "ForTokenClassification"}, schema::Task::TokenClassification, {{"classifier", Outputs::kLabels}}},
          {{name + "ForQuestionAnswering"}, schema::Task::QuestionAnswering, {{"qa_outputs", Outputs::kTwo}}},
          // Its GELU is fixed, whatever the layers use.
          {{name + "ForMaskedLM"},
           schema::Task::FillMask,
           {{"lm_head.dense", Outputs::kHidden, StepActivation::kGelu, "lm_head.layer_norm"},
            {.linear = "lm_head.decoder",
             .outputs = Outputs::kVocabulary,
             .biases = {"lm_head.decoder.bias", "lm_head.bias"}}}},
          {{name + "Model"}, schema::Task::FeatureExtraction, {}},
      }};
}

}  // namespace

Family Roberta() noexcept { return RobertaLike("roberta", "Roberta", 50265); }
Family XlmRoberta() noexcept { return RobertaLike("xlm-roberta", "XLMRoberta", 30522); }
Family Camembert() noexcept { return RobertaLike("camembert", "Camembert", 30522); }

}  // namespace pbert::converter
