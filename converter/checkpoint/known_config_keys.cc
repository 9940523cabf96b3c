// The keys of config.json, which are each model type's own, and those of sentence-transformers' files.
#include "converter/checkpoint/known_keys.h"

namespace pbert::converter {
namespace {

constexpr std::string_view kTraining = "of training only";
constexpr std::string_view kOrigin = "says where the checkpoint came from";
constexpr std::string_view kOutputs = "about what else a call returns";
constexpr std::string_view kGeneration = "about generating text, which encoders do not";
constexpr std::string_view kNoToken = "the tokenizer's own counts";
constexpr std::string_view kUnread = "written by others; the reference does not read it";
constexpr std::string_view kSpeed = "about how the reference computes, not what";

// All of PretrainedConfig, and what was in it once.
constexpr KnownKey kCommon[] = {
    {"model_type", kHonoured},
    {"architectures", kHonoured},
    {"id2label", kHonoured},
    {"label2id", kHonoured},
    {"num_labels", kHonoured},
    {"problem_type", kHonoured},
    {"pad_token_id", kHonoured},
    {"vocab_size", kHonoured},
    {"max_position_embeddings", kHonoured},
    {"tie_word_embeddings", kHonoured},
    {"is_decoder", kHonoured},
    {"add_cross_attention", kHonoured},
    {"is_encoder_decoder", kHonoured},
    {"pruned_heads", kHonoured},
    {"quantization_config", kHonoured},
    {"position_embedding_type", kHonoured},
    {"tokenizer_class", kHonoured},
    {"task_specific_params", kHonoured},
    {"_name_or_path", kOrigin},
    {"name_or_path", kOrigin},
    {"_commit_hash", kOrigin},
    {"transformers_version", kOrigin},
    {"finetuning_task", kOrigin},
    {"adapters", kUnread},
    {"_num_labels", kUnread},
    {"output_past", kUnread},
    {"auto_map", "code of the checkpoint's own is never run"},
    {"dtype", "the pipelines' answers are compared in fp32"},
    {"torch_dtype", "the pipelines' answers are compared in fp32"},
    {"initializer_range", kTraining},
    {"gradient_checkpointing", kTraining},
    {"tf_legacy_loss", kTraining},
    {"output_hidden_states", kOutputs},
    {"output_attentions", kOutputs},
    {"return_dict", kOutputs},
    {"output_scores", kOutputs},
    {"return_dict_in_generate", kOutputs},
    {"torchscript", kOutputs},
    {"chunk_size_feed_forward", kSpeed},
    {"use_bfloat16", kSpeed},
    {"attn_implementation", kSpeed},
    {"_attn_implementation", kSpeed},
    {"_attn_implementation_autoset", kSpeed},
    {"use_cache", kSpeed},
    {"tie_encoder_decoder", "about decoders"},
    {"cross_attention_hidden_size", "about decoders"},
    {"decoder_start_token_id", "about decoders"},
    {"bos_token_id", kNoToken},
    {"eos_token_id", kNoToken},
    {"sep_token_id", kNoToken},
    {"cls_token_id", kNoToken},
    {"mask_token_id", kNoToken},
    {"prefix", kGeneration},
    {"bad_words_ids", kGeneration},
    {"begin_suppress_tokens", kGeneration},
    {"diversity_penalty", kGeneration},
    {"do_sample", kGeneration},
    {"early_stopping", kGeneration},
    {"encoder_no_repeat_ngram_size", kGeneration},
    {"exponential_decay_length_penalty", kGeneration},
    {"forced_bos_token_id", kGeneration},
    {"forced_eos_token_id", kGeneration},
    {"length_penalty", kGeneration},
    {"max_length", kGeneration},
    {"min_length", kGeneration},
    {"no_repeat_ngram_size", kGeneration},
    {"num_beam_groups", kGeneration},
    {"num_beams", kGeneration},
    {"num_return_sequences", kGeneration},
    {"remove_invalid_values", kGeneration},
    {"repetition_penalty", kGeneration},
    {"suppress_tokens", kGeneration},
    {"temperature", kGeneration},
    {"top_k", kGeneration},
    {"top_p", kGeneration},
    {"typical_p", kGeneration},
    {"time_limit", kGeneration},
    {"return_all_scores", kHonoured},
    {"function_to_apply", "the pipeline looks at it only without labels"},
    {"sbert_ce_default_activation_function", "of CrossEncoder; the pipelines do not read it"},
    {"sentence_transformers", "of CrossEncoder; the pipelines do not read it"},
};

constexpr KnownKey kDistilBert[] = {
    {"dim", kHonoured},
    {"hidden_size", kHonoured},
    {"n_heads", kHonoured},
    {"num_attention_heads", kHonoured},
    {"n_layers", kHonoured},
    {"num_hidden_layers", kHonoured},
    {"hidden_dim", kHonoured},
    {"activation", kHonoured},
    {"sinusoidal_pos_embds", kHonoured},
    {"dropout", kTraining},
    {"attention_dropout", kTraining},
    {"qa_dropout", kTraining},
    {"seq_classif_dropout", kTraining},
    {"tie_weights_", kUnread},
};

// BERT, and all that have its layers.
constexpr KnownKey kBertLike[] = {
    {"hidden_size", kHonoured},
    {"num_attention_heads", kHonoured},
    {"num_hidden_layers", kHonoured},
    {"intermediate_size", kHonoured},
    {"hidden_act", kHonoured},
    {"layer_norm_eps", kHonoured},
    {"type_vocab_size", kHonoured},
    {"hidden_dropout_prob", kTraining},
    {"attention_probs_dropout_prob", kTraining},
    {"classifier_dropout", kTraining},
    {"classifier_dropout_prob", kTraining},
    // Of the first BERTs, TinyBERT and ALBERT.
    {"directionality", kUnread},
    {"pooler_fc_size", kUnread},
    {"pooler_num_attention_heads", kUnread},
    {"pooler_num_fc_layers", kUnread},
    {"pooler_size_per_head", kUnread},
    {"pooler_type", kUnread},
    {"cell", kUnread},
    {"emb_size", kUnread},
    {"structure", kUnread},
    {"pre_trained", kUnread},
    {"training", kUnread},
    {"net_structure_type", kUnread},
    {"num_memory_blocks", kUnread},
    {"down_scale_factor", kUnread},
    {"gap_size", kUnread},
};

constexpr KnownKey kAlbert[] = {
    {"embedding_size", kHonoured}, {"num_hidden_groups", kHonoured}, {"inner_group_num", kHonoured}};

constexpr KnownKey kElectra[] = {{"embedding_size", kHonoured},          {"summary_activation", "of multiple choice"},
                                 {"summary_type", "of multiple choice"}, {"summary_use_proj", "of multiple choice"},
                                 {"summary_last_dropout", kTraining},    {"generator_size", kUnread}};

constexpr KnownKey kModuleKeys[] = {{"type", kHonoured},
                                    {"path", kHonoured},
                                    {"idx", "they stand in their order"},
                                    {"name", "only a name"},
                                    {"kwargs", "names of a call's own arguments"}};

constexpr KnownKey kLimitKeys[] = {{"max_seq_length", kHonoured}, {"do_lower_case", kHonoured},
                                   {"model_args", kHonoured},     {"tokenizer_args", kHonoured},
                                   {"config_args", kHonoured},    {"tokenizer_name_or_path", kHonoured}};

constexpr KnownKey kPoolingKeys[] = {{"pooling_mode", kHonoured},
                                     {"pooling_mode_cls_token", kHonoured},
                                     {"pooling_mode_mean_tokens", kHonoured},
                                     {"pooling_mode_max_tokens", kHonoured},
                                     {"pooling_mode_mean_sqrt_len_tokens", kHonoured},
                                     {"pooling_mode_weightedmean_tokens", kHonoured},
                                     {"pooling_mode_lasttoken", kHonoured},
                                     {"include_prompt", kHonoured},
                                     {"word_embedding_dimension", "the encoder's own width"}};

constexpr KnownKey kSentenceTransformers[] = {{"model_type", kHonoured},
                                              {"prompts", kHonoured},
                                              {"default_prompt_name", kHonoured},
                                              {"__version__", kOrigin},
                                              {"similarity_fn_name", "about what is done with embeddings"}};

}  // namespace

std::vector<KnownKey> KnownConfigKeys(std::string_view model_type) {
  std::vector<KnownKey> keys(std::begin(kCommon), std::end(kCommon));
  const auto add = [&keys](std::span<const KnownKey> more) { keys.insert(keys.end(), more.begin(), more.end()); };
  if (model_type == "distilbert") {
    add(kDistilBert);
  } else {
    add(kBertLike);
  }
  if (model_type == "albert") add(kAlbert);
  if (model_type == "electra") add(kElectra);
  return keys;
}

std::span<const KnownKey> KnownSentenceTransformerKeys(std::string_view file) {
  if (file == "modules.json") return kModuleKeys;
  if (file == "sentence_bert_config.json") return kLimitKeys;
  if (file == "pooling/config.json") return kPoolingKeys;
  if (file == "config_sentence_transformers.json") return kSentenceTransformers;
  return {};
}

}  // namespace pbert::converter
