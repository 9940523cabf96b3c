#include "converter/tokenizer/bpe.h"

#include <cstdio>
#include <stdexcept>
#include <vector>

#include "base/utf8.h"
#include "converter/support/error.h"
#include "converter/tokenizer/merge_table_builder.h"
#include "converter/tokenizer/tokenizer_json.h"
#include "text/byte_pairs.h"

namespace pbert::converter {
namespace {

void RefuseUnless(bool supported, const Json& model, const char* key, const std::string& where) {
  if (supported) return;
  throw Error(where + ": model BPE: \"" + key + "\" " + Excerpt(model[key]) + " is not supported");
}

bool IsOn(const Json& model, const char* key) {
  const Json* value = Get(model, key);
  return value != nullptr && *value != false;
}

bool IsText(const Json& model, const char* key) {
  const Json* value = Get(model, key);
  return value != nullptr && *value != "";
}

// A merge is ["a", "b"] or, in older files, "a b".
std::pair<std::string, std::string> ReadMerge(const Json& merge, const std::string& where) {
  if (merge.is_array() && merge.size() == 2 && merge[0].is_string() && merge[1].is_string())
    return {merge[0], merge[1]};
  const std::string text = merge.is_string() ? merge.get<std::string>() : "";
  const size_t space = text.find(' ');
  if (space == std::string::npos || text.find(' ', space + 1) != std::string::npos) {
    throw Error(where + ": \"merges\": " + Excerpt(merge) + " is not a pair of pieces");
  }
  return {text.substr(0, space), text.substr(space + 1)};
}

std::string PieceOfByte(uint32_t byte) {
  uint8_t utf8[4];
  const uint32_t size = EncodeUtf8(ByteLevelChar(static_cast<uint8_t>(byte)), utf8);
  return std::string(reinterpret_cast<const char*>(utf8), size);
}

}  // namespace

Vocabulary ReadBpeModel(const Json& model, const std::string& where, schema::TokenizerT* table) {
  RefuseUnless(!IsOn(model, "dropout") || model["dropout"] == 0.0, model, "dropout", where);
  RefuseUnless(!IsText(model, "continuing_subword_prefix"), model, "continuing_subword_prefix", where);
  RefuseUnless(!IsText(model, "end_of_word_suffix"), model, "end_of_word_suffix", where);
  RefuseUnless(!IsOn(model, "byte_fallback"), model, "byte_fallback", where);
  RefuseUnless(!IsOn(model, "ignore_merges"), model, "ignore_merges", where);
  const Json* vocab = Get(model, "vocab");
  const Json* list = Get(model, "merges");
  if (vocab == nullptr) throw Error(where + ": \"vocab\" is missing");
  if (list == nullptr || !list->is_array()) throw Error(where + ": \"merges\" is missing");
  Vocabulary vocabulary = Vocabulary::FromJson(*vocab, where);

  std::vector<PieceMerge> merges;
  for (const Json& merge : *list) {
    const auto [left, right] = ReadMerge(merge, where);
    const auto id = [&](const std::string& piece) {
      const int64_t found = vocabulary.IdOf(piece);
      if (found < 0)
        throw Error(where + ": \"merges\": " + Excerpt(merge) + ": the vocabulary has no \"" + piece + "\"");
      return static_cast<uint32_t>(found);
    };
    merges.push_back({id(left), id(right), id(left + right)});
  }
  table->kind = schema::TokenizerKind::ByteLevelBpe;
  try {
    table->merges = BuildMergeTable(merges);
  } catch (const std::length_error&) {
    throw Error(where + ": the vocabulary is too large for a .pbert file");
  } catch (const std::invalid_argument&) {
    throw Error(
        where +
        ": \"merges\": so many pairs of ids have the same hash that a .pbert file has no place for them, which no "
        "trained vocabulary comes to; give the pieces other ids, or train the tokenizer again");
  }

  table->fuse_unknown = IsOn(model, "fuse_unk");
  const Json* unknown = Get(model, "unk_token");
  if (unknown != nullptr) {
    const int64_t id = unknown->is_string() ? vocabulary.IdOf(*unknown) : -1;
    if (id < 0) throw Error(where + ": the vocabulary has no \"unk_token\" " + Excerpt(*unknown));
    table->unknown_id = static_cast<uint32_t>(id);
    return vocabulary;
  }
  for (uint32_t byte = 0; byte < 256; ++byte) {
    if (vocabulary.IdOf(PieceOfByte(byte)) >= 0) continue;
    char name[8];
    snprintf(name, sizeof(name), "0x%02X", byte);
    throw Error(where + ": model BPE without \"unk_token\": the vocabulary has no piece for byte " + name +
                ", and a vocabulary of part of the bytes is not supported");
  }
  return vocabulary;
}

Json BpeModelOfFiles(Json vocab, std::string_view merges) {
  Json list = Json::array();
  bool first = true;
  while (!merges.empty()) {
    const size_t end = merges.find('\n');
    std::string line(merges.substr(0, end));
    merges.remove_prefix(end == std::string_view::npos ? merges.size() : end + 1);
    if (!line.empty() && line.back() == '\r') line.pop_back();
    const bool version = first && line.starts_with("#version");
    first = false;
    if (!line.empty() && !version) list.push_back(line);
  }
  return {{"type", "BPE"}, {"vocab", std::move(vocab)}, {"merges", std::move(list)}};
}

Json RobertaPipeline(const TokenAndId& cls, const TokenAndId& sep) {
  return {{"pre_tokenizer",
           {{"type", "ByteLevel"}, {"add_prefix_space", false}, {"trim_offsets", true}, {"use_regex", true}}},
          {"post_processor",
           {{"type", "RobertaProcessing"},
            {"cls", Json::array({cls.first, cls.second})},
            {"sep", Json::array({sep.first, sep.second})},
            {"trim_offsets", true},
            {"add_prefix_space", false}}}};
}

}  // namespace pbert::converter
