#include "converter/tokenizer/reader.h"

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>
#include <stdexcept>

#include "converter/support/error.h"
#include "converter/support/file.h"
#include "converter/tokenizer/bpe.h"
#include "converter/tokenizer/decoder.h"
#include "converter/tokenizer/frame.h"
#include "converter/tokenizer/override.h"
#include "converter/tokenizer/preparation.h"
#include "converter/tokenizer/processing.h"
#include "converter/tokenizer/tokenizer_config.h"
#include "converter/tokenizer/tokenizer_json.h"
#include "converter/tokenizer/trie_builder.h"
#include "converter/tokenizer/unigram.h"
#include "converter/tokenizer/vocabulary.h"

namespace pbert::converter {
namespace {

namespace fs = std::filesystem;

constexpr uint64_t kLargestVocabularyFile = 64u << 20;
constexpr uint32_t kMaxWordChars = 100;
constexpr char kContinuingPrefix[] = "##";

// Collects the table while the files are read, in the order in which the reference reads them.
class TokenizerBuilder {
 public:
  TokenizerBuilder(const fs::path& directory, uint32_t embedding_rows, bool answers_questions)
      : directory_(directory),
        embedding_rows_(embedding_rows),
        answers_questions_(answers_questions),
        config_(ReadTokenizerConfig(directory)) {}

  std::unique_ptr<schema::TokenizerT> Build() {
    const fs::path tokenizer_file = PathInside(directory_, config_.tokenizer_file, config_.where);
    if (fs::exists(tokenizer_file)) {
      ReadTokenizerJson(tokenizer_file);
    } else if (fs::exists(directory_ / "vocab.txt")) {
      ReadVocabText(directory_ / "vocab.txt");
    } else if (fs::exists(directory_ / "vocab.json") && fs::exists(directory_ / "merges.txt")) {
      ReadBpeFiles(directory_ / "vocab.json", directory_ / "merges.txt");
    } else {
      FailWithoutVocabulary();
    }
    AddConfiguredTokens();
    SetSpecialIds();
    StoreVocabulary();
    table_->max_tokens = config_.max_tokens;
    table_->no_type_ids = !config_.token_types;
    table_->truncate_left = config_.truncate_left.value_or(false);
    if (answers_questions_ && config_.pad_left.value_or(false)) {
      throw Error(config_.where +
                  ": \"padding_side\" left, by which the context comes before the question, is not "
                  "supported for question answering");
    }
    table_->decoder->clean_up = config_.clean_up;
    return std::move(table_);
  }

 private:
  // ------------------------------------------------------------ the two files
  void ReadTokenizerJson(const fs::path& file) {
    where_ = file.string();
    Json json = ReadJsonFile(file);
    ReadModel(Get(json, "model"));
    OverrideByClass(config_, &json);
    ReadSides(json);
    table_->decoder = ReadDecoder(Get(json, "decoder"), where_);
    ReadProcessing(Get(json, "post_processor"), embedding_rows_, where_, table_.get());
    const Json* normalizer = Get(json, "normalizer");
    const Json* pre_tokenizer = Get(json, "pre_tokenizer");
    if (table_->kind == schema::TokenizerKind::WordPiece && !table_->trim_offsets &&
        IsBertPreparation(normalizer, pre_tokenizer)) {
      ReadNormalizer(normalizer);
    } else {
      table_->preparation = ReadPreparation(normalizer, pre_tokenizer, where_);
    }
    if (const Json* tokens = Get(json, "added_tokens")) {
      for (const Json& token : *tokens) {
        if (token.is_object() && token.contains("id") && token["id"].is_number_unsigned()) {
          stated_ids_.insert(token["id"].get<uint64_t>());
        }
      }
      for (const Json& token : *tokens) AddToken(ReadAddedToken(token, where_ + ": \"added_tokens\""), true);
    }
    if (table_->kind != schema::TokenizerKind::WordPiece) ResolveSpecialTokens();
  }

  // RoBERTa's files of before tokenizer.json, and what its tokenizer makes of them.
  void ReadBpeFiles(const fs::path& vocab, const fs::path& merges) {
    where_ = vocab.string();
    vocabulary_ = ReadBpeModel(BpeModelOfFiles(ReadJsonFile(vocab), ReadTextFile(merges, kLargestVocabularyFile)),
                               where_, table_.get());
    ResolveSpecialTokens();
    const std::string &cls = config_.cls.content, &sep = config_.sep.content;
    Json json = RobertaPipeline({cls, RequireId(cls)}, {sep, RequireId(sep)});
    OverrideByClass(config_, &json);
    table_->decoder = ByteLevelDecoder();
    ReadProcessing(&json["post_processor"], embedding_rows_, where_, table_.get());
    table_->preparation = ReadPreparation(nullptr, &json["pre_tokenizer"], where_);
    mask_takes_space_ = true;
  }

  // Where tokenizer_config.json does not say: tokenizer.json's own, which the tokenizers library writes down.
  void ReadSides(const Json& json) {
    const auto left = [&](const char* part) -> std::optional<bool> {
      const Json* object = Get(json, part);
      const Json* direction = object != nullptr && object->is_object() ? Get(*object, "direction") : nullptr;
      if (direction == nullptr) return std::nullopt;
      if (*direction != "Left" && *direction != "Right") {
        throw Error(where_ + ": \"" + part + "\": \"direction\" is " + Excerpt(*direction) +
                    ", which is not supported (supported: Left, Right)");
      }
      return *direction == "Left";
    };
    if (!config_.truncate_left) config_.truncate_left = left("truncation");
    if (!config_.pad_left) config_.pad_left = left("padding");
  }

  // Without a word about them in tokenizer_config.json the special tokens are not BERT's, but whichever of the family's
  // the vocabulary has.
  void ResolveSpecialTokens() {
    const struct {
      std::string* token;
      const char* bert;
      const char* other;
    } specials[] = {{&config_.unk.content, "[UNK]", "<unk>"},
                    {&config_.cls.content, "[CLS]", "<s>"},
                    {&config_.sep.content, "[SEP]", "</s>"},
                    {&config_.pad.content, "[PAD]", "<pad>"},
                    {&config_.mask.content, "[MASK]", "<mask>"}};
    for (const auto& special : specials) {
      if (*special.token != special.bert || IdOf(special.bert) >= 0) continue;
      *special.token = IdOf(special.other) >= 0 ? special.other : "";
    }
    const bool unknown_is_open = table_->kind == schema::TokenizerKind::ByteLevelBpe && table_->unknown_id == 0;
    const std::string& unknown = config_.unk.content;
    if (unknown_is_open && !unknown.empty() && IdOf(unknown) >= 0) SetUnknown(unknown);
  }

  void ReadVocabText(const fs::path& file) {
    where_ = file.string();
    const TokenizerClass& tokenizer_class = *config_.tokenizer_class;
    if (!IsGeneric(tokenizer_class) && !tokenizer_class.reads_vocab_text) {
      throw Error(config_.where + ": \"tokenizer_class\" is " + std::string(tokenizer_class.name) +
                  ", which is not supported with vocab.txt alone (supported: BertTokenizer, DistilBertTokenizer)");
    }
    if (config_.unk.content.empty()) config_.unk.content = "[UNK]";
    if (config_.cls.content.empty()) config_.cls.content = "[CLS]";
    if (config_.sep.content.empty()) config_.sep.content = "[SEP]";
    vocabulary_ = Vocabulary::FromText(ReadTextFile(file, kLargestVocabularyFile), where_);
    table_->continuing_prefix = kContinuingPrefix;
    table_->max_word_chars = kMaxWordChars;
    SetUnknown(config_.unk.content);
    table_->clean_text = true;
    table_->space_cjk = config_.space_cjk;
    table_->lowercase = config_.lowercase;
    table_->strip_accents = config_.strip_accents.value_or(config_.lowercase);
    table_->decoder = WordPieceDecoder(kContinuingPrefix);
    Frame frame = BertFrame(RequireId(config_.cls.content), RequireId(config_.sep.content));
    table_->frame_single = std::move(frame.single);
    table_->frame_pair = std::move(frame.pair);
  }

  [[noreturn]] void FailWithoutVocabulary() const {
    std::string found;
    for (const char* name : {"vocab.json", "merges.txt", "spiece.model", "sentencepiece.bpe.model"}) {
      if (fs::exists(directory_ / name)) found += (found.empty() ? "" : ", ") + std::string(name);
    }
    throw Error(directory_.string() + ": no tokenizer.json and no vocab.txt" +
                (found.empty()
                     ? ": the tokenizer is missing; save it with tokenizer.save_pretrained(DIR)"
                     : "; the tokenizer of " + found +
                           " is not supported; save the tokenizer with "
                           "AutoTokenizer.from_pretrained(DIR).save_pretrained(DIR), which writes a tokenizer.json"));
  }

  [[noreturn]] void FailUnsupported(const std::string& key, const Json* part, const char* supported) const {
    throw Error(UnsupportedPart(where_, key, part, supported));
  }

  // ------------------------------------------------------------ tokenizer.json, part by part
  void ReadModel(const Json* model) {
    if (model == nullptr || !model->is_object()) throw Error(where_ + ": \"model\" is missing");
    // Files of before 2020 do not name the type, but each has something that the others have not.
    const auto is = [&](const char* type, const char* key) {
      return model->contains("type") ? TypeOf(model) == type : model->contains(key);
    };
    if (is("BPE", "merges")) {
      vocabulary_ = ReadBpeModel(*model, where_, table_.get());
      return;
    }
    if (is("Unigram", "unk_id")) {
      vocabulary_ = ReadUnigramModel(*model, where_, table_.get());
      return;
    }
    if (!is("WordPiece", "max_input_chars_per_word")) FailUnsupported("model", model, "WordPiece, BPE, Unigram");
    const Json* vocab = Get(*model, "vocab");
    if (vocab == nullptr) throw Error(where_ + ": \"vocab\" is missing");
    vocabulary_ = Vocabulary::FromJson(*vocab, where_);
    table_->continuing_prefix = Text(*model, "continuing_subword_prefix", kContinuingPrefix);
    table_->max_word_chars = kMaxWordChars;
    if (const Json* limit = Get(*model, "max_input_chars_per_word")) {
      if (!limit->is_number_unsigned() || limit->get<uint64_t>() == 0 || limit->get<uint64_t>() > UINT32_MAX) {
        throw Error(where_ + ": \"max_input_chars_per_word\" is " + Excerpt(*limit));
      }
      table_->max_word_chars = limit->get<uint32_t>();
    }
    SetUnknown(Text(*model, "unk_token", "[UNK]"));
  }

  std::string Text(const Json& json, const char* key, const char* default_value) const {
    const Json* value = Get(json, key);
    if (value == nullptr) return default_value;
    if (!value->is_string()) throw Error(where_ + ": \"" + key + "\" is not a string");
    return value->get<std::string>();
  }

  bool Flag(const Json& json, const char* key, bool default_value) const {
    const Json* value = Get(json, key);
    if (value == nullptr) return default_value;
    if (!value->is_boolean()) throw Error(where_ + ": \"" + key + "\" is not true or false");
    return value->get<bool>();
  }

  void ReadNormalizer(const Json* normalizer) {
    const Json* inner = Unwrap(normalizer, "normalizers");
    if (TypeOf(inner) == "BertNormalizer") {
      table_->clean_text = Flag(*inner, "clean_text", true);
      table_->space_cjk = Flag(*inner, "handle_chinese_chars", true);
      table_->lowercase = Flag(*inner, "lowercase", true);
      table_->strip_accents = Flag(*inner, "strip_accents", table_->lowercase);
    } else if (normalizer == nullptr) {
      table_->clean_text = table_->space_cjk = table_->lowercase = table_->strip_accents = false;
    } else {
      FailUnsupported("normalizer", normalizer, "BertNormalizer");
    }
  }

  // ------------------------------------------------------------ tokens
  int64_t IdOf(const std::string& content) const {
    if (const int64_t id = vocabulary_.IdOf(content); id >= 0) return id;
    const auto found = added_ids_.find(content);
    return found == added_ids_.end() ? -1 : static_cast<int64_t>(found->second);
  }

  uint32_t RequireId(const std::string& content) const {
    const int64_t id = IdOf(content);
    if (id < 0) throw Error(where_ + ": the vocabulary has no \"" + content + "\"");
    return static_cast<uint32_t>(id);
  }

  void SetUnknown(const std::string& content) { table_->unknown_id = RequireId(content); }

  // As in the reference, a token that is in the vocabulary keeps its id and any other gets the next free one,
  // whatever id the file gives it; a token that comes again replaces the flags of the first.
  void AddToken(schema::AddedTokenT token, bool required) {
    if (const auto same = added_places_.find(token.content); same != added_places_.end()) {
      schema::AddedTokenT& before = *table_->added_tokens[same->second];
      token.id = before.id;
      before = std::move(token);
      return;
    }
    int64_t id = IdOf(token.content);
    if (id < 0) {
      id = static_cast<int64_t>(vocabulary_.count() + added_ids_.size());
      if (id >= embedding_rows_) {
        if (!required) return;  // the reference fails as soon as a text contains it
        throw Error(where_ + ": added token \"" + token.content + "\" has id " + std::to_string(id) +
                    ", and the token embedding has " + std::to_string(embedding_rows_) + " rows");
      }
      added_ids_[token.content] = static_cast<uint32_t>(id);
    }
    token.id = static_cast<uint32_t>(id);
    added_places_[token.content] = table_->added_tokens.size();
    table_->added_tokens.push_back(std::make_unique<schema::AddedTokenT>(std::move(token)));
  }

  // As the reference's fast tokenizers do when they are made. Tokens of tokenizer.json are there by now.
  void AddConfiguredTokens() {
    const std::vector<const SpecialToken*> specials = config_.Specials();
    std::set<std::string> special_texts;
    for (const SpecialToken* special : specials) special_texts.insert(special->content);
    // What a special token that is stated by its text alone is taken to be.
    KnownTokens known;
    if (config_.has_decoder) {
      for (const auto& token : config_.added) known.emplace(token.content, token);
    } else {
      for (const auto& token : table_->added_tokens) known.emplace(token->content, *token);
    }
    for (schema::AddedTokenT token : config_.added) {
      // Where tokenizer.json gives an id of added_tokens.json to another token, that is the one that there is.
      if (!config_.has_decoder && (FindAdded(token.content) != nullptr || stated_ids_.contains(token.id))) continue;
      token.special = token.special || special_texts.contains(token.content);
      AddToken(std::move(token), true);
    }
    for (const SpecialToken* special : specials) AddSpecialToken(*special, known);
    if (!config_.split_special) return;
    for (const auto& token : table_->added_tokens) token->split = token->special;
  }

  using KnownTokens = std::map<std::string, schema::AddedTokenT>;

  void AddSpecialToken(const SpecialToken& special, const KnownTokens& known) {
    if (special.content.empty()) return;
    schema::AddedTokenT token;
    token.content = special.content;
    const auto same = known.find(special.content);
    const bool alone =
        &special >= config_.additional.data() && &special < config_.additional.data() + config_.additional.size();
    if (!alone && special.stated && same != known.end()) {
      token = same->second;
    } else if (special.object) {
      token = *special.object;
    } else if (&special == &config_.mask && (mask_takes_space_ || config_.tokenizer_class->mask_takes_space)) {
      token.lstrip = true;
    } else if (FindAdded(special.content) != nullptr) {
      return;
    }
    token.special = true;
    AddToken(std::move(token), alone);  // of the others each tokenizer has some that the model was never given
  }

  const schema::AddedTokenT* FindAdded(const std::string& content) const {
    const auto found = added_places_.find(content);
    return found == added_places_.end() ? nullptr : table_->added_tokens[found->second].get();
  }

  void SetSpecialIds() {
    table_->cls_id = static_cast<int32_t>(IdOf(config_.cls.content));
    table_->sep_id = static_cast<int32_t>(IdOf(config_.sep.content));
    table_->pad_id = static_cast<int32_t>(IdOf(config_.pad.content));
    table_->mask_id = static_cast<int32_t>(IdOf(config_.mask.content));
  }

  // Added tokens beyond the vocabulary are not pieces: a WordPiece match never yields them.
  void StoreVocabulary() {
    const std::vector<std::string>& pieces = vocabulary_.pieces();
    if (pieces.size() > embedding_rows_) {
      throw Error(where_ + ": the vocabulary has " + std::to_string(pieces.size()) +
                  " pieces and the token embedding only " + std::to_string(embedding_rows_) +
                  " rows: tokenizer and weights are not of the same model");
    }
    for (const std::string& piece : pieces) {
      table_->piece_bytes.insert(table_->piece_bytes.end(), piece.begin(), piece.end());
      table_->piece_ends.push_back(static_cast<uint32_t>(table_->piece_bytes.size()));
    }
    try {
      table_->trie = BuildTrie(*table_);
    } catch (const std::length_error&) {
      throw Error(where_ + ": the vocabulary is too large for a .pbert file");
    }
  }

  fs::path directory_;
  uint32_t embedding_rows_;
  bool answers_questions_;
  TokenizerConfig config_;
  bool mask_takes_space_ = false;
  std::set<uint64_t> stated_ids_;  // of tokenizer.json's added tokens
  std::string where_;              // the file that is being read
  Vocabulary vocabulary_;
  std::map<std::string, uint32_t> added_ids_;   // tokens that are not in the vocabulary
  std::map<std::string, size_t> added_places_;  // of tokens in the table
  std::unique_ptr<schema::TokenizerT> table_ = std::make_unique<schema::TokenizerT>();
};

}  // namespace

std::unique_ptr<schema::TokenizerT> ReadTokenizer(const fs::path& directory, uint32_t embedding_rows,
                                                  bool answers_questions) {
  return TokenizerBuilder(directory, embedding_rows, answers_questions).Build();
}

}  // namespace pbert::converter
