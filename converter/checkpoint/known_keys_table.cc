// The table itself. A file's rows stand together; what is honoured comes first.
#include "converter/checkpoint/known_keys.h"

namespace pbert::converter {
namespace {

constexpr std::string_view kNameOnly = "says where the checkpoint came from";
constexpr std::string_view kOfCalls = "a default of calls that the pipelines make with a value of their own";
constexpr std::string_view kSlowOnly = "read by the slow tokenizers only";
constexpr std::string_view kNoText = "about other input than text";

constexpr KnownKey kTokenizerConfig[] = {
    {"tokenizer_class", kHonoured},
    {"do_lower_case", kHonoured},
    {"strip_accents", kHonoured},
    {"tokenize_chinese_chars", kHonoured},
    {"add_prefix_space", kHonoured},
    {"trim_offsets", kHonoured},
    {"model_max_length", kHonoured},
    {"max_len", kHonoured},
    {"truncation_side", kHonoured},
    {"padding_side", kHonoured},
    {"split_special_tokens", kHonoured},
    {"model_input_names", kHonoured},
    {"clean_up_tokenization_spaces", kHonoured},
    {"fast_tokenizer_files", kHonoured},
    {"unk_token", kHonoured},
    {"cls_token", kHonoured},
    {"sep_token", kHonoured},
    {"pad_token", kHonoured},
    {"mask_token", kHonoured},
    {"bos_token", kHonoured},
    {"eos_token", kHonoured},
    {"additional_special_tokens", kHonoured},
    {"extra_special_tokens", kHonoured},
    {"added_tokens_decoder", kHonoured},
    {"added_tokens_decoder.*.content", kHonoured},
    {"added_tokens_decoder.*.special", kHonoured},
    {"added_tokens_decoder.*.lstrip", kHonoured},
    {"added_tokens_decoder.*.rstrip", kHonoured},
    {"added_tokens_decoder.*.single_word", kHonoured},
    {"added_tokens_decoder.*.normalized", kHonoured},
    {"added_tokens_decoder.*.__type", "says that it is a token"},
    {"name_or_path", kNameOnly},
    {"special_tokens_map_file", kNameOnly},
    {"tokenizer_file", kNameOnly},
    {"vocab_file", kNameOnly},
    {"merges_file", kNameOnly},
    {"spm_file", kNameOnly},
    {"full_tokenizer_file", kNameOnly},
    {"processor_class", kNoText},
    {"backend", "says which library wrote it"},
    {"is_local", "says which library wrote it"},
    {"local_files_only", "says which library wrote it"},
    {"transformers_version", "says which library wrote it"},
    {"use_fast", "the fast tokenizer is the reference"},
    {"legacy", kSlowOnly},
    {"from_slow", "the fast tokenizer is made of the same files"},
    {"auto_map", "code of the checkpoint's own is never run"},
    {"chat_template", "for chats"},
    {"do_basic_tokenize", kSlowOnly},
    {"never_split", kSlowOnly},
    {"errors", kSlowOnly},
    {"remove_space", kSlowOnly},
    {"keep_accents", kSlowOnly},
    {"sp_model_kwargs", kSlowOnly},
    {"wordpieces_prefix", kSlowOnly},
    {"clean_text", kSlowOnly},
    {"max_length", kOfCalls},
    {"truncation", kOfCalls},
    {"truncation_strategy", kOfCalls},
    {"stride", kOfCalls},
    {"padding", kOfCalls},
    {"pad_to_multiple_of", kOfCalls},
    {"return_tensors", kOfCalls},
    {"return_token_type_ids", kOfCalls},
    {"pad_token_type_id", "of padding, which the attention mask hides"},
    {"pad_token_id", "ids are the vocabulary's"},
    {"unk_token_id", "ids are the vocabulary's"},
    {"cls_token_id", "ids are the vocabulary's"},
    {"sep_token_id", "ids are the vocabulary's"},
    {"mask_token_id", "ids are the vocabulary's"},
    {"bos_token_id", "ids are the vocabulary's"},
    {"eos_token_id", "ids are the vocabulary's"},
    {"verbose", "of messages"},
};

constexpr KnownKey kSpecialTokensMap[] = {
    {"unk_token", kHonoured},
    {"cls_token", kHonoured},
    {"sep_token", kHonoured},
    {"pad_token", kHonoured},
    {"mask_token", kHonoured},
    {"bos_token", kHonoured},
    {"eos_token", kHonoured},
    {"additional_special_tokens", kHonoured},
    {"extra_special_tokens", kHonoured},
};

constexpr std::string_view kUnusedId = "a token keeps its place in the vocabulary or gets the next";

constexpr KnownKey kTokenizerJson[] = {
    {"model", kHonoured},
    {"normalizer", kHonoured},
    {"pre_tokenizer", kHonoured},
    {"post_processor", kHonoured},
    {"decoder", kHonoured},
    {"truncation", kHonoured},
    {"truncation.direction", kHonoured},
    {"truncation.max_length", "the reference sets it anew for each call"},
    {"truncation.strategy", "the reference sets it anew for each call"},
    {"truncation.stride", "the reference sets it anew for each call"},
    {"padding", "one text at a time has none"},
    {"version", "there is one"},
    {"added_tokens", kHonoured},
    {"added_tokens.content", kHonoured},
    {"added_tokens.special", kHonoured},
    {"added_tokens.lstrip", kHonoured},
    {"added_tokens.rstrip", kHonoured},
    {"added_tokens.single_word", kHonoured},
    {"added_tokens.normalized", kHonoured},
    {"added_tokens.id", kUnusedId},
    // Models.
    {"WordPiece.vocab", kHonoured},
    {"WordPiece.unk_token", kHonoured},
    {"WordPiece.continuing_subword_prefix", kHonoured},
    {"WordPiece.max_input_chars_per_word", kHonoured},
    {"BPE.vocab", kHonoured},
    {"BPE.merges", kHonoured},
    {"BPE.unk_token", kHonoured},
    {"BPE.dropout", kHonoured},
    {"BPE.fuse_unk", kHonoured},
    {"BPE.byte_fallback", kHonoured},
    {"BPE.ignore_merges", kHonoured},
    {"BPE.continuing_subword_prefix", kHonoured},
    {"BPE.end_of_word_suffix", kHonoured},
    {"BPE.cache_capacity", "of speed"},
    {"Unigram.vocab", kHonoured},
    {"Unigram.unk_id", kHonoured},
    {"Unigram.byte_fallback", kHonoured},
    {"WordPiece.prefix", kHonoured},   // the decoder of this name
    {"WordPiece.cleanup", kHonoured},  // the same
    // Sequences of each kind of component.
    {"Sequence.normalizers", kHonoured},
    {"Sequence.pretokenizers", kHonoured},
    {"Sequence.processors", kHonoured},
    {"Sequence.decoders", kHonoured},
    // Normalizers. Those without keys of their own have no row.
    {"BertNormalizer.clean_text", kHonoured},
    {"BertNormalizer.handle_chinese_chars", kHonoured},
    {"BertNormalizer.strip_accents", kHonoured},
    {"BertNormalizer.lowercase", kHonoured},
    {"Replace.pattern", kHonoured},
    {"Replace.content", kHonoured},
    {"Precompiled.precompiled_charsmap", kHonoured},
    {"Strip.strip_left", kHonoured},
    {"Strip.strip_right", kHonoured},
    {"Prepend.prepend", kHonoured},
    // Pre-tokenizers, and the decoders of the same names.
    {"ByteLevel.add_prefix_space", kHonoured},
    {"ByteLevel.trim_offsets", kHonoured},
    {"ByteLevel.use_regex", kHonoured},
    {"Metaspace.replacement", kHonoured},
    {"Metaspace.prepend_scheme", kHonoured},
    {"Metaspace.add_prefix_space", kHonoured},
    {"Metaspace.split", kHonoured},
    {"Metaspace.str_rep", "the replacement once more"},
    // Post-processors.
    {"TemplateProcessing.single", kHonoured},
    {"TemplateProcessing.pair", kHonoured},
    {"TemplateProcessing.special_tokens", kHonoured},
    {"BertProcessing.sep", kHonoured},
    {"BertProcessing.cls", kHonoured},
    {"RobertaProcessing.sep", kHonoured},
    {"RobertaProcessing.cls", kHonoured},
    {"RobertaProcessing.trim_offsets", kHonoured},
    {"RobertaProcessing.add_prefix_space", kHonoured},
    // Decoders.
    {"BPEDecoder.suffix", kHonoured},
    {"Strip.content", kHonoured},
    {"Strip.start", kHonoured},
    {"Strip.stop", kHonoured},
};

struct FileKeys {
  std::string_view file;
  std::span<const KnownKey> keys;
};

constexpr FileKeys kFiles[] = {
    {"tokenizer_config.json", kTokenizerConfig},
    {"special_tokens_map.json", kSpecialTokensMap},
    {"tokenizer.json", kTokenizerJson},
};

}  // namespace

std::span<const KnownKey> KnownKeysOf(std::string_view file) {
  for (const FileKeys& entry : kFiles) {
    if (entry.file == file) return entry.keys;
  }
  return {};
}

}  // namespace pbert::converter
