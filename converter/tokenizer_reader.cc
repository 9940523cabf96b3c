#include "converter/tokenizer_reader.h"

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>
#include <set>
#include <stdexcept>

#include "converter/error.h"
#include "converter/file.h"
#include "converter/tokenizer_config.h"
#include "converter/trie_builder.h"
#include "converter/vocabulary.h"

namespace pbert {
namespace {

namespace fs = std::filesystem;

constexpr uint64_t kLargestVocabularyFile = 64u << 20;
constexpr uint32_t kMaxWordChars = 100;
constexpr char kContinuingPrefix[] = "##";

const Json* Get(const Json& json, const char* key) {
  const auto found = json.find(key);
  return found == json.end() || found->is_null() ? nullptr : &*found;
}

// The name of a part of tokenizer.json, for messages and decisions. "none" for null.
std::string TypeOf(const Json* part) {
  if (part == nullptr) return "none";
  if (part->is_object() && part->contains("type") && (*part)["type"].is_string()) return (*part)["type"];
  return "without a type";
}

// The only element of a Sequence with one element stands for the sequence.
const Json* Unwrap(const Json* part, const char* list) {
  if (TypeOf(part) != "Sequence") return part;
  const Json* elements = Get(*part, list);
  return elements != nullptr && elements->is_array() && elements->size() == 1 ? &elements->front() : part;
}

// Collects the table while the files are read, in the order in which the reference reads them.
class TokenizerBuilder {
 public:
  TokenizerBuilder(const fs::path& directory, uint32_t embedding_rows)
      : directory_(directory), embedding_rows_(embedding_rows), config_(ReadTokenizerConfig(directory)) {}

  std::unique_ptr<schema::TokenizerT> Build() {
    if (fs::exists(directory_ / "tokenizer.json")) {
      ReadTokenizerJson(directory_ / "tokenizer.json");
    } else if (fs::exists(directory_ / "vocab.txt")) {
      ReadVocabText(directory_ / "vocab.txt");
    } else {
      FailWithoutVocabulary();
    }
    AddConfiguredTokens();
    SetSpecialIds();
    StoreVocabulary();
    table_->max_tokens = config_.max_tokens;
    return std::move(table_);
  }

 private:
  // ------------------------------------------------------------ the two files
  void ReadTokenizerJson(const fs::path& file) {
    where_ = file.string();
    const Json json = ReadJsonFile(file);
    ReadModel(Get(json, "model"));
    ReadNormalizer(Get(json, "normalizer"));
    const Json* pre_tokenizer = Unwrap(Get(json, "pre_tokenizer"), "pretokenizers");
    if (TypeOf(pre_tokenizer) != "BertPreTokenizer") FailUnsupported("pre_tokenizer", pre_tokenizer, "BertPreTokenizer");
    if (const Json* tokens = Get(json, "added_tokens")) {
      for (const Json& token : *tokens) AddToken(ReadAddedToken(token, where_ + ": \"added_tokens\""), true);
    }
    ReadFrame(Unwrap(Get(json, "post_processor"), "processors"));
  }

  void ReadVocabText(const fs::path& file) {
    where_ = file.string();
    static const std::set<std::string> kClasses = {
        "", "BertTokenizer", "BertTokenizerFast", "DistilBertTokenizer", "DistilBertTokenizerFast",
        "ElectraTokenizer", "ElectraTokenizerFast", "MobileBertTokenizer", "MobileBertTokenizerFast"};
    if (!config_.generic() && !kClasses.contains(config_.tokenizer_class)) {
      throw Error(config_.where + ": \"tokenizer_class\" is " + config_.tokenizer_class +
                  ", which is not supported with vocab.txt alone (supported: BertTokenizer, DistilBertTokenizer)");
    }
    if (fs::exists(directory_ / "added_tokens.json")) {
      throw Error((directory_ / "added_tokens.json").string() +
                  ": only read from a tokenizer.json; make one with AutoTokenizer.from_pretrained(DIR).save_pretrained(DIR)");
    }
    vocabulary_ = Vocabulary::FromText(ReadTextFile(file, kLargestVocabularyFile), where_);
    table_->continuing_prefix = kContinuingPrefix;
    table_->max_word_chars = kMaxWordChars;
    SetUnknown(config_.unk);
    table_->clean_text = true;
    ApplyConfiguredNormalizer();
    SetBertFrame(RequireId(config_.cls), RequireId(config_.sep));
  }

  [[noreturn]] void FailWithoutVocabulary() const {
    std::string found;
    for (const char* name : {"vocab.json", "merges.txt", "spiece.model", "sentencepiece.bpe.model"}) {
      if (fs::exists(directory_ / name)) found += (found.empty() ? "" : ", ") + std::string(name);
    }
    throw Error(directory_.string() + ": no tokenizer.json and no vocab.txt" +
                (found.empty() ? ": the tokenizer is missing; save it with tokenizer.save_pretrained(DIR)"
                               : "; the tokenizer of " + found + " is not supported (supported: WordPiece)"));
  }

  [[noreturn]] void FailUnsupported(const std::string& key, const Json* part, const char* supported) const {
    throw Error(where_ + ": " + key + " " + TypeOf(part) + " is not supported (supported: " + supported + ")");
  }

  // ------------------------------------------------------------ tokenizer.json, part by part
  void ReadModel(const Json* model) {
    if (model == nullptr || !model->is_object()) throw Error(where_ + ": \"model\" is missing");
    // Files of before 2020 do not name the type; only WordPiece has a limit on the length of words.
    const bool word_piece = TypeOf(model) == "WordPiece" ||
                            (!model->contains("type") && model->contains("max_input_chars_per_word"));
    if (!word_piece) FailUnsupported("model", model, "WordPiece");
    const Json* vocab = Get(*model, "vocab");
    if (vocab == nullptr) throw Error(where_ + ": \"vocab\" is missing");
    vocabulary_ = Vocabulary::FromJson(*vocab, where_);
    table_->continuing_prefix = Text(*model, "continuing_subword_prefix", kContinuingPrefix);
    table_->max_word_chars = kMaxWordChars;
    if (const Json* limit = Get(*model, "max_input_chars_per_word")) {
      if (!limit->is_number_unsigned() || limit->get<uint64_t>() == 0 || limit->get<uint64_t>() > UINT32_MAX) {
        throw Error(where_ + ": \"max_input_chars_per_word\" is " + limit->dump());
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
    // The reference's override looks at the outermost normalizer only.
    if (config_.exists && !config_.generic() && TypeOf(normalizer) == "BertNormalizer") ApplyConfiguredNormalizer();
  }

  void ApplyConfiguredNormalizer() {
    table_->space_cjk = config_.space_cjk;
    table_->lowercase = config_.lowercase;
    table_->strip_accents = config_.strip_accents.value_or(config_.lowercase);
  }

  // ------------------------------------------------------------ the frame
  static std::unique_ptr<schema::FramePieceT> Piece(schema::FrameItem item, uint32_t id, uint8_t type_id) {
    auto piece = std::make_unique<schema::FramePieceT>();
    piece->item = item;
    piece->id = id;
    piece->type_id = type_id;
    return piece;
  }

  // [CLS] first [SEP], and for a pair second [SEP] of type 1 behind it.
  void SetBertFrame(uint32_t cls, uint32_t sep) {
    using enum schema::FrameItem;
    for (auto* frame : {&table_->frame_single, &table_->frame_pair}) {
      frame->push_back(Piece(SpecialToken, cls, 0));
      frame->push_back(Piece(First, 0, 0));
      frame->push_back(Piece(SpecialToken, sep, 0));
    }
    table_->frame_pair.push_back(Piece(Second, 0, 1));
    table_->frame_pair.push_back(Piece(SpecialToken, sep, 1));
  }

  void ReadFrame(const Json* processor) {
    const std::string type = TypeOf(processor);
    if (type == "BertProcessing") {
      SetBertFrame(ProcessorId(*processor, "cls"), ProcessorId(*processor, "sep"));
    } else if (type == "TemplateProcessing") {
      const Json* tokens = Get(*processor, "special_tokens");
      for (bool pair : {false, true}) {
        const char* key = pair ? "pair" : "single";
        const Json* items = Get(*processor, key);
        if (items == nullptr || !items->is_array()) throw Error(where_ + ": post_processor: \"" + key + "\" is missing");
        auto& frame = pair ? table_->frame_pair : table_->frame_single;
        for (const Json& item : *items) AddTemplateItem(item, tokens, key, &frame);
        CheckFrame(frame, pair, key);
      }
    } else {
      FailUnsupported("post_processor", processor, "TemplateProcessing, BertProcessing");
    }
  }

  // BertProcessing: "sep": ["[SEP]", 102].
  uint32_t ProcessorId(const Json& processor, const char* key) const {
    const Json* value = Get(processor, key);
    if (value == nullptr || !value->is_array() || value->size() != 2) {
      throw Error(where_ + ": post_processor: \"" + key + "\" is not a token and its id");
    }
    return CheckedId((*value)[1], std::string("post_processor: \"") + key + "\"");
  }

  uint32_t CheckedId(const Json& id, const std::string& what) const {
    if (!id.is_number_unsigned() || id.get<uint64_t>() >= embedding_rows_) {
      throw Error(where_ + ": " + what + ": id " + id.dump() + " is not below " + std::to_string(embedding_rows_) +
                  ", the rows of the token embedding");
    }
    return id.get<uint32_t>();
  }

  // {"SpecialToken": {"id": "[CLS]", "type_id": 0}} or {"Sequence": {"id": "A", "type_id": 0}}. A special token
  // stands for the list of ids under its name in "special_tokens".
  void AddTemplateItem(const Json& item, const Json* tokens, const std::string& key,
                       std::vector<std::unique_ptr<schema::FramePieceT>>* frame) const {
    const std::string what = "post_processor: \"" + key + "\"";
    const bool valid = item.is_object() && item.size() == 1 && item.front().is_object() &&
                       item.front().contains("id") && item.front()["id"].is_string();
    if (!valid) throw Error(where_ + ": " + what + " has an item that is no token and no sequence");
    const Json& value = item.front();
    const std::string name = value["id"];
    const Json* type_id = Get(value, "type_id");
    if (type_id != nullptr && (!type_id->is_number_unsigned() || type_id->get<uint64_t>() > 255)) {
      throw Error(where_ + ": " + what + ": type_id " + type_id->dump() + " is not supported (supported: 0 to 255)");
    }
    const auto type = static_cast<uint8_t>(type_id == nullptr ? 0 : type_id->get<uint32_t>());
    if (item.contains("Sequence")) {
      frame->push_back(Piece(name == "B" ? schema::FrameItem::Second : schema::FrameItem::First, 0, type));
      return;
    }
    const Json* token = tokens != nullptr && tokens->is_object() ? Get(*tokens, name.c_str()) : nullptr;
    const Json* ids = token != nullptr && token->is_object() ? Get(*token, "ids") : nullptr;
    if (ids == nullptr || !ids->is_array()) throw Error(where_ + ": " + what + ": \"" + name + "\" has no ids");
    for (const Json& id : *ids) {
      frame->push_back(Piece(schema::FrameItem::SpecialToken, CheckedId(id, what + ": \"" + name + "\""), type));
    }
  }

  void CheckFrame(const std::vector<std::unique_ptr<schema::FramePieceT>>& frame, bool pair, const char* key) const {
    const auto count = [&](schema::FrameItem item) {
      return std::count_if(frame.begin(), frame.end(), [&](const auto& piece) { return piece->item == item; });
    };
    if (count(schema::FrameItem::First) != 1 || count(schema::FrameItem::Second) != (pair ? 1 : 0)) {
      throw Error(where_ + ": post_processor: \"" + key + "\" must hold each sequence once");
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
    const auto same = std::find_if(table_->added_tokens.begin(), table_->added_tokens.end(),
                                   [&](const auto& other) { return other->content == token.content; });
    if (same != table_->added_tokens.end()) {
      token.id = (*same)->id;
      **same = std::move(token);
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
    table_->added_tokens.push_back(std::make_unique<schema::AddedTokenT>(std::move(token)));
  }

  void AddConfiguredTokens() {
    for (const schema::AddedTokenT& token : config_.added) AddToken(token, true);
    std::vector<std::string> specials = {config_.unk, config_.sep, config_.pad, config_.cls, config_.mask};
    specials.insert(specials.end(), config_.additional.begin(), config_.additional.end());
    for (const std::string& content : specials) {
      const bool known = std::any_of(table_->added_tokens.begin(), table_->added_tokens.end(),
                                     [&](const auto& token) { return token->content == content; });
      if (known) continue;
      schema::AddedTokenT token;
      token.content = content;
      token.special = true;
      AddToken(std::move(token), false);
    }
  }

  void SetSpecialIds() {
    table_->cls_id = static_cast<int32_t>(IdOf(config_.cls));
    table_->sep_id = static_cast<int32_t>(IdOf(config_.sep));
    table_->pad_id = static_cast<int32_t>(IdOf(config_.pad));
    table_->mask_id = static_cast<int32_t>(IdOf(config_.mask));
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
  TokenizerConfig config_;
  std::string where_;  // the file that is being read
  Vocabulary vocabulary_;
  std::map<std::string, uint32_t> added_ids_;  // tokens that are not in the vocabulary
  std::unique_ptr<schema::TokenizerT> table_ = std::make_unique<schema::TokenizerT>();
};

}  // namespace

std::unique_ptr<schema::TokenizerT> ReadTokenizer(const fs::path& directory, uint32_t embedding_rows) {
  return TokenizerBuilder(directory, embedding_rows).Build();
}

}  // namespace pbert
