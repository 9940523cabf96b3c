#include "converter/tokenizer/decoder.h"

#include <nlohmann/json.hpp>

#include "base/utf8.h"
#include "converter/support/error.h"
#include "converter/tokenizer/tokenizer_json.h"

namespace pbert::converter {
namespace {

using schema::DecoderKind;

class DecoderReader {
 public:
  explicit DecoderReader(const std::string& where) : where_(where + ": decoder") {}

  void Add(const Json& part) {
    const std::string type = TypeOf(&part);
    if (type == "Sequence") {
      const Json* elements = Get(part, "decoders");
      if (elements == nullptr || !elements->is_array()) throw Error(where_ + " Sequence: \"decoders\" is not a list");
      for (const Json& element : *elements) Add(element);
    } else if (type == "WordPiece") {
      schema::DecoderStepT* step = AddStep(DecoderKind::WordPiece);
      step->pattern = Text(part, "prefix", "##");
      step->clean_up = ReadFlag(part, "cleanup", true, where_);
    } else if (type == "ByteLevel") {
      AddStep(DecoderKind::ByteLevel);
    } else if (type == "Metaspace") {
      AddMetaspace(part);
    } else if (type == "BPEDecoder") {
      AddStep(DecoderKind::Suffix)->pattern = Text(part, "suffix", "</w>");
    } else if (type == "Fuse") {
      AddStep(DecoderKind::Fuse);
    } else if (type == "Replace") {
      AddReplace(part);
    } else if (type == "Strip") {
      schema::DecoderStepT* step = AddStep(DecoderKind::Strip);
      step->pattern = Character(part, "content");
      step->start = Count(part, "start");
      step->stop = Count(part, "stop");
    } else if (type == "ByteFallback") {
      AddStep(DecoderKind::ByteFallback);
    } else {
      throw Error(where_ + " " + type +
                  " is not supported (supported: Sequence, WordPiece, ByteLevel, Metaspace, BPEDecoder, Fuse, Replace, "
                  "Strip, ByteFallback)");
    }
  }

  std::unique_ptr<schema::DecoderT> Take() {
    // A sequence of nothing joins pieces without blanks, as one that fuses them does.
    if (decoder_->steps.empty()) AddStep(DecoderKind::Fuse);
    return std::move(decoder_);
  }

  schema::DecoderStepT* AddStep(DecoderKind kind) {
    decoder_->steps.push_back(std::make_unique<schema::DecoderStepT>());
    decoder_->steps.back()->kind = kind;
    return decoder_->steps.back().get();
  }

 private:
  std::string Text(const Json& part, const char* key, const char* default_value) const {
    const Json* value = Get(part, key);
    if (value == nullptr) return default_value;
    if (!value->is_string()) throw Error(where_ + " " + TypeOf(&part) + ": \"" + key + "\" is not a string");
    return *value;
  }

  std::string Character(const Json& part, const char* key) const {
    const std::string text = Text(part, key, "");
    if (text.empty() || DecodeUtf8(text.data(), text.size()).length != text.size()) {
      throw Error(where_ + " " + TypeOf(&part) + ": \"" + key + "\" is not one character");
    }
    return text;
  }

  uint32_t Count(const Json& part, const char* key) const {
    const Json* value = Get(part, key);
    if (value == nullptr || !value->is_number_unsigned() || value->get<uint64_t>() > UINT32_MAX) {
      throw Error(where_ + " " + TypeOf(&part) + ": \"" + key + "\" is not a count");
    }
    return value->get<uint32_t>();
  }

  // Before "prepend_scheme" there was "add_prefix_space".
  void AddMetaspace(const Json& part) {
    schema::DecoderStepT* step = AddStep(DecoderKind::Metaspace);
    const std::string replacement = Character(part, "replacement");
    step->replacement = DecodeUtf8(replacement.data(), replacement.size()).code_point;
    const std::string scheme = Text(part, "prepend_scheme", "");
    if (!scheme.empty() && scheme != "always" && scheme != "first" && scheme != "never") {
      throw Error(where_ + " Metaspace: \"prepend_scheme\" " + scheme + " is not supported");
    }
    step->drop_first = scheme.empty() ? ReadFlag(part, "add_prefix_space", true, where_) : scheme != "never";
  }

  void AddReplace(const Json& part) {
    const Json* pattern = Get(part, "pattern");
    const Json* text = pattern != nullptr && pattern->is_object() ? Get(*pattern, "String") : nullptr;
    if (text == nullptr || !text->is_string() || text->get<std::string>().empty()) {
      throw Error(where_ + " Replace: pattern " + (pattern == nullptr ? "null" : Excerpt(*pattern)) +
                  " is not supported (supported: a String)");
    }
    schema::DecoderStepT* step = AddStep(DecoderKind::Replace);
    step->pattern = *text;
    step->content = Text(part, "content", "");
  }

  const std::string where_;
  std::unique_ptr<schema::DecoderT> decoder_ = std::make_unique<schema::DecoderT>();
};

}  // namespace

std::unique_ptr<schema::DecoderT> ReadDecoder(const Json* decoder, const std::string& where) {
  if (decoder == nullptr) return std::make_unique<schema::DecoderT>();
  DecoderReader reader(where);
  reader.Add(*decoder);
  return reader.Take();
}

std::unique_ptr<schema::DecoderT> WordPieceDecoder(const std::string& prefix) {
  DecoderReader reader("");
  schema::DecoderStepT* step = reader.AddStep(DecoderKind::WordPiece);
  step->pattern = prefix;
  step->clean_up = true;
  return reader.Take();
}

std::unique_ptr<schema::DecoderT> ByteLevelDecoder() {
  DecoderReader reader("");
  reader.AddStep(DecoderKind::ByteLevel);
  return reader.Take();
}

}  // namespace pbert::converter
