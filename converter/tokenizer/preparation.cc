#include "converter/tokenizer/preparation.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "base/utf8.h"
#include "converter/support/error.h"
#include "converter/tokenizer/tokenizer_json.h"

namespace pbert::converter {
namespace {

using schema::NormalizerKind;
using schema::PreTokenizerKind;

constexpr char kNormalizers[] =
    "Sequence, BertNormalizer, NFC, NFD, NFKC, NFKD, StripAccents, Lowercase, Replace, Precompiled, Strip, Prepend";
constexpr char kPreTokenizers[] = "Sequence, BertPreTokenizer, WhitespaceSplit, Whitespace, Metaspace, ByteLevel";

std::string RequiredText(const Json& part, const char* key, const std::string& where) {
  const Json* value = Get(part, key);
  if (value == nullptr || !value->is_string())
    throw Error(where + " " + TypeOf(&part) + ": \"" + key + "\" is not a string");
  return *value;
}

const Json& Elements(const Json& sequence, const char* key, const std::string& where) {
  const Json* elements = Get(sequence, key);
  if (elements == nullptr || !elements->is_array()) throw Error(where + " Sequence: \"" + key + "\" is not a list");
  return *elements;
}

std::vector<char32_t> CodePoints(std::string_view text) {
  std::vector<char32_t> code_points;
  while (!text.empty()) {
    const Utf8Char next = DecodeUtf8(text.data(), text.size());
    code_points.push_back(next.code_point);
    text.remove_prefix(next.length);
  }
  return code_points;
}

// RFC 4648, section 4; line ends are not expected. Nothing where the text is not that.
std::optional<std::vector<uint8_t>> DecodeBase64(std::string_view text) {
  static constexpr std::string_view kDigits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  while (text.ends_with('=')) text.remove_suffix(1);
  std::vector<uint8_t> bytes;
  uint32_t bits = 0, count = 0;
  for (const char c : text) {
    const size_t digit = kDigits.find(c);
    if (digit == std::string_view::npos) return std::nullopt;
    bits = bits << 6 | static_cast<uint32_t>(digit);
    count += 6;
    if (count < 8) continue;
    count -= 8;
    bytes.push_back(static_cast<uint8_t>(bits >> count));
  }
  return bytes;
}

// The regular expressions that occur stand for runs of one character: "c{n,}" and "c+", the character perhaps escaped.
struct RunPattern {
  std::string character;
  uint32_t length;
};
std::optional<RunPattern> ParseRun(std::string_view regex) {
  static constexpr std::string_view kSpecial = "\\^$.|?*+()[]{}";
  const bool escaped = regex.size() > 1 && regex[0] == '\\' && kSpecial.find(regex[1]) != std::string_view::npos;
  if (escaped) regex.remove_prefix(1);
  if (regex.empty() || (!escaped && kSpecial.find(regex[0]) != std::string_view::npos)) return std::nullopt;
  const uint32_t size = DecodeUtf8(regex.data(), regex.size()).length;
  const std::string_view rest = regex.substr(size);
  RunPattern run{std::string(regex.substr(0, size)), 1};
  if (rest == "+") return run;
  if (rest.size() < 4 || rest.size() > 5 || !rest.starts_with('{') || !rest.ends_with(",}")) return std::nullopt;
  run.length = 0;
  for (const char c : rest.substr(1, rest.size() - 3)) {
    if (c < '0' || c > '9') return std::nullopt;
    run.length = 10 * run.length + static_cast<uint32_t>(c - '0');
  }
  if (run.length == 0) return std::nullopt;
  return run;
}

class PreparationReader {
 public:
  explicit PreparationReader(const std::string& where) : where_(where) {}

  void AddNormalizer(const Json& part) {
    const std::string where = where_ + ": normalizer";
    const std::string type = TypeOf(&part);
    static const std::vector<std::pair<std::string, NormalizerKind>> kPlain = {
        {"NFC", NormalizerKind::Nfc},
        {"NFD", NormalizerKind::Nfd},
        {"NFKC", NormalizerKind::Nfkc},
        {"NFKD", NormalizerKind::Nfkd},
        {"Lowercase", NormalizerKind::Lowercase},
        {"StripAccents", NormalizerKind::StripAccents}};
    for (const auto& [name, kind] : kPlain) {
      if (type == name) {
        Add(kind);
        return;
      }
    }
    if (type == "Sequence") {
      for (const Json& element : Elements(part, "normalizers", where)) AddNormalizer(element);
    } else if (type == "BertNormalizer") {
      AddBertNormalizer(part, where);
    } else if (type == "Replace") {
      AddReplace(part, where);
    } else if (type == "Precompiled") {
      AddCharacterMap(part, where);
    } else if (type == "Strip") {
      schema::NormalizerStepT* step = Add(NormalizerKind::Strip);
      step->left = ReadFlag(part, "strip_left", true, where);
      step->right = ReadFlag(part, "strip_right", true, where);
    } else if (type == "Prepend") {
      Add(NormalizerKind::Prepend)->content = RequiredText(part, "prepend", where);
    } else {
      throw Error(UnsupportedPart(where_, "normalizer", &part, kNormalizers));
    }
  }

  void AddPreTokenizer(const Json& part) {
    const std::string where = where_ + ": pre_tokenizer";
    const std::string type = TypeOf(&part);
    if (type == "Sequence") {
      for (const Json& element : Elements(part, "pretokenizers", where)) AddPreTokenizer(element);
      return;
    }
    auto step = std::make_unique<schema::PreTokenizerStepT>();
    if (type == "BertPreTokenizer") {
      step->kind = PreTokenizerKind::Bert;
    } else if (type == "WhitespaceSplit") {
      step->kind = PreTokenizerKind::Spaces;
    } else if (type == "Whitespace") {
      step->kind = PreTokenizerKind::WordsAndSigns;
    } else if (type == "Metaspace") {
      ReadMetaspace(part, where, step.get());
    } else if (type == "ByteLevel") {
      step->kind = PreTokenizerKind::ByteLevel;
      step->prepend =
          ReadFlag(part, "add_prefix_space", true, where) ? schema::Prepend::Always : schema::Prepend::Never;
      step->split = ReadFlag(part, "use_regex", true, where);
    } else {
      throw Error(UnsupportedPart(where_, "pre_tokenizer", &part, kPreTokenizers));
    }
    const auto& steps = preparation_->pre_tokenizers;
    if (!steps.empty() && steps.back()->kind == PreTokenizerKind::ByteLevel) {
      throw Error(where + " " + type + " behind a ByteLevel is not supported");
    }
    preparation_->pre_tokenizers.push_back(std::move(step));
  }

  std::unique_ptr<schema::PreparationT> Take() { return std::move(preparation_); }

 private:
  schema::NormalizerStepT* Add(NormalizerKind kind) {
    preparation_->normalizers.push_back(std::make_unique<schema::NormalizerStepT>());
    preparation_->normalizers.back()->kind = kind;
    return preparation_->normalizers.back().get();
  }

  // Each step may make more of a text, and the next one more of that: forty that double it are too much for any text.
  void Grow(size_t from, size_t to) {
    constexpr uint64_t kMaxGrowth = 1024;  // as the runtime has it; the pipelines that there are come to some hundred
    growth_ *= std::max<uint64_t>(1, (uint64_t{to} + from - 1) / from);
    if (growth_ <= kMaxGrowth) return;
    throw Error(where_ + ": normalizer: its steps together make more than " + std::to_string(kMaxGrowth) +
                " bytes out of one, which is not supported; leave out those that make text longer");
  }

  // The same as its parts one behind the other.
  void AddBertNormalizer(const Json& part, const std::string& where) {
    const bool lowercase = ReadFlag(part, "lowercase", true, where);
    if (ReadFlag(part, "clean_text", true, where)) Add(NormalizerKind::CleanText);
    if (ReadFlag(part, "handle_chinese_chars", true, where)) Add(NormalizerKind::SpaceCjk);
    if (ReadFlag(part, "strip_accents", lowercase, where)) {
      Add(NormalizerKind::Nfd);
      Add(NormalizerKind::StripNonspacing);
    }
    if (lowercase) Add(NormalizerKind::Lowercase);
  }

  void AddReplace(const Json& part, const std::string& where) {
    const Json* pattern = Get(part, "pattern");
    const std::string content = RequiredText(part, "content", where);
    const Json* text = pattern != nullptr && pattern->is_object() ? Get(*pattern, "String") : nullptr;
    const Json* regex = pattern != nullptr && pattern->is_object() ? Get(*pattern, "Regex") : nullptr;
    constexpr size_t kMaxPattern = 64;  // ReplaceStep::kMaxPattern
    if (text != nullptr && text->is_string() && !text->get<std::string>().empty() &&
        CodePoints(text->get<std::string>()).size() <= kMaxPattern) {
      schema::NormalizerStepT* step = Add(NormalizerKind::Replace);
      step->pattern = *text;
      step->content = content;
      Grow(step->pattern.size(), content.size());
      return;
    }
    const auto run = regex != nullptr && regex->is_string() ? ParseRun(regex->get<std::string>()) : std::nullopt;
    if (!run || run->length > kMaxPattern) {
      throw Error(
          where + " Replace: pattern " + (pattern == nullptr ? "null" : Excerpt(*pattern)) +
          " is not supported (supported: a String, and a Regex that is a run of one character such as \" {2,}\")");
    }
    schema::NormalizerStepT* step = Add(NormalizerKind::Replace);
    step->pattern = run->character;
    step->run_length = run->length;
    step->content = content;
    Grow(run->character.size() * run->length, content.size());
  }

  // sentencepiece's blob: the size of the double array in bytes, the array, the texts.
  void AddCharacterMap(const Json& part, const std::string& where) {
    const Json* map = Get(part, "precompiled_charsmap");
    if (map == nullptr || *map == "") return;  // a model without one
    const auto bytes = map->is_string() ? DecodeBase64(map->get<std::string>()) : std::nullopt;
    uint32_t size = 0;
    if (bytes && bytes->size() >= sizeof(size)) std::memcpy(&size, bytes->data(), sizeof(size));
    if (!bytes || size == 0 || size % sizeof(uint32_t) != 0 || size > bytes->size() - sizeof(size)) {
      throw Error(where + " Precompiled: \"precompiled_charsmap\" is damaged");
    }
    schema::NormalizerStepT* step = Add(NormalizerKind::CharacterMap);
    step->map_units.resize(size / sizeof(uint32_t));
    std::memcpy(step->map_units.data(), bytes->data() + sizeof(size), size);
    step->map_texts.assign(bytes->begin() + static_cast<std::ptrdiff_t>(sizeof(size) + size), bytes->end());
    size_t longest = 1, length = 0;  // of its texts, each of which ends with a zero
    for (const uint8_t byte : step->map_texts) longest = std::max(longest, length = byte == 0 ? 0 : length + 1);
    Grow(1, longest);
  }

  // Before "prepend_scheme" there was "add_prefix_space".
  static void ReadMetaspace(const Json& part, const std::string& where, schema::PreTokenizerStepT* step) {
    const auto replacement = CodePoints(RequiredText(part, "replacement", where));
    if (replacement.size() != 1) throw Error(where + " Metaspace: \"replacement\" is not one character");
    step->kind = PreTokenizerKind::Metaspace;
    step->replacement = replacement[0];
    step->split = ReadFlag(part, "split", true, where);
    const Json* scheme = Get(part, "prepend_scheme");
    if (scheme == nullptr) {
      step->prepend =
          ReadFlag(part, "add_prefix_space", true, where) ? schema::Prepend::Always : schema::Prepend::Never;
    } else if (*scheme == "always") {
      step->prepend = schema::Prepend::Always;
    } else if (*scheme == "first") {
      step->prepend = schema::Prepend::First;
    } else if (*scheme == "never") {
      step->prepend = schema::Prepend::Never;
    } else {
      throw Error(where + " Metaspace: \"prepend_scheme\" " + Excerpt(*scheme) +
                  " is not supported (supported: always, first, never)");
    }
  }

  const std::string where_;
  uint64_t growth_ = 1;
  std::unique_ptr<schema::PreparationT> preparation_ = std::make_unique<schema::PreparationT>();
};

}  // namespace

bool IsBertPreparation(const Json* normalizer, const Json* pre_tokenizer) {
  return (normalizer == nullptr || TypeOf(Unwrap(normalizer, "normalizers")) == "BertNormalizer") &&
         TypeOf(Unwrap(pre_tokenizer, "pretokenizers")) == "BertPreTokenizer";
}

std::unique_ptr<schema::PreparationT> ReadPreparation(const Json* normalizer, const Json* pre_tokenizer,
                                                      const std::string& where) {
  PreparationReader reader(where);
  if (normalizer != nullptr) reader.AddNormalizer(*normalizer);
  if (pre_tokenizer != nullptr) reader.AddPreTokenizer(*pre_tokenizer);
  return reader.Take();
}

}  // namespace pbert::converter
