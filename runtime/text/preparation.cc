#include "text/preparation.h"

#include <algorithm>
#include <new>
#include <string_view>
#include <utility>

#include "text/character_map.h"
#include "text/normal_form.h"
#include "text/pre_tokens.h"
#include "text/simple_steps.h"

namespace pbert {
namespace {

using schema::NormalizerKind;
using schema::PreTokenizerKind;

TextReader Reader(const flatbuffers::String* text) {
  return text == nullptr ? TextReader() : TextReader(text->c_str(), text->size());
}

uint32_t CodePoints(const flatbuffers::String* text) {
  uint32_t count = 0;
  TextReader reader = Reader(text);
  for (char32_t c; reader.Next(&c);) ++count;
  return count;
}

template <typename T>
std::span<const T> Words(const flatbuffers::Vector<T>* words) {
  return words == nullptr ? std::span<const T>() : std::span<const T>(words->data(), words->size());
}

CharStep* MakeStep(const schema::NormalizerStep& step, CharSource* source, Arena* arena) {
  switch (step.kind()) {
    case NormalizerKind::Nfd:
      return arena->Make<NormalFormStep>(false, false, source);
    case NormalizerKind::Nfkd:
      return arena->Make<NormalFormStep>(true, false, source);
    case NormalizerKind::Nfc:
      return arena->Make<NormalFormStep>(false, true, source);
    case NormalizerKind::Nfkc:
      return arena->Make<NormalFormStep>(true, true, source);
    case NormalizerKind::StripAccents:
      return arena->Make<StripMarksStep>(true, source);
    case NormalizerKind::StripNonspacing:
      return arena->Make<StripMarksStep>(false, source);
    case NormalizerKind::Lowercase:
      return arena->Make<LowercaseStep>(source);
    case NormalizerKind::Replace:
      return arena->Make<ReplaceStep>(Reader(step.pattern()), step.run_length(), Reader(step.content()), source);
    case NormalizerKind::CharacterMap: {
      const CharacterMap map(Words(step.map_units()), Words(step.map_texts()));
      return arena->Make<CharacterMapStep>(map, source);
    }
    case NormalizerKind::Strip:
      return arena->Make<StripStep>(step.left(), step.right(), source);
    case NormalizerKind::Prepend:
      return arena->Make<PrependStep>(Reader(step.content()), source);
    case NormalizerKind::CleanText:
      return arena->Make<CleanTextStep>(source);
    case NormalizerKind::SpaceCjk:
      return arena->Make<SpaceCjkStep>(source);
  }
  return nullptr;  // CheckPreparation has refused the file
}

Status CheckReplace(const schema::NormalizerStep& step, uint32_t index) {
  const uint32_t size = CodePoints(step.pattern());
  if (step.run_length() > 0 ? size != 1 || step.run_length() > ReplaceStep::kMaxPattern
                            : size == 0 || size > ReplaceStep::kMaxPattern) {
    return Status::Error(Code::kBadFile, "tokenizer: normalizer %u: a pattern of %u characters, run length %u", index,
                         size, step.run_length());
  }
  return Status();
}

// How many code points all steps together can make of one, so that a hostile file cannot multiply a text without end.
// Published tokenizers stay below 50.
constexpr uint64_t kMaxGrowth = 1024;
constexpr uint64_t kLongestForm = 18;  // that of U+FDFA; whatever forms there are, they grow a text once

// The longest text of a map, in code points, at most CharacterMap::kMaxText.
uint64_t LongestText(const schema::NormalizerStep& step) {
  uint64_t longest = 1, length = 0;
  for (const uint8_t byte : *step.map_texts()) {
    length = byte == 0 ? 0 : length + ((byte & 0xC0) != 0x80);
    longest = std::max(longest, length);
  }
  return std::min<uint64_t>(longest, CharacterMap::kMaxText);
}

uint64_t GrowthOf(const schema::NormalizerStep& step) {
  switch (step.kind()) {
    case NormalizerKind::Replace:
      return step.run_length() > 0 ? CodePoints(step.content()) / step.run_length() + 1
                                   : CodePoints(step.content()) / CodePoints(step.pattern()) + 1;
    case NormalizerKind::CharacterMap:
      return LongestText(step);
    case NormalizerKind::Prepend:
      return CodePoints(step.content()) + 1;  // of a single character
    default:
      return 1;  // normal forms grow a text once, not each time: see below
  }
}

Status CheckPreTokenizers(const schema::Preparation& preparation, schema::TokenizerKind kind) {
  const auto* steps = preparation.pre_tokenizers();
  const uint32_t count = steps == nullptr ? 0 : steps->size();
  if (count > PreTokens::kMaxSteps) {
    return Status::Error(Code::kUnsupported, "tokenizer: %u pre-tokenizers: at most %u are implemented", count,
                         PreTokens::kMaxSteps);
  }
  bool bytes = false;
  for (uint32_t i = 0; i < count; ++i) {
    const schema::PreTokenizerStep& step = *steps->Get(i);
    if (step.kind() > schema::PreTokenizerKind::MAX) {
      return Status::Error(Code::kUnsupported, "tokenizer: pre-tokenizer %u: kind %u: not implemented in this version",
                           i, static_cast<unsigned>(step.kind()));
    }
    const bool is_metaspace = step.kind() == PreTokenizerKind::Metaspace;
    const bool is_bytes = step.kind() == PreTokenizerKind::ByteLevel;
    if (step.prepend() > schema::Prepend::MAX || (is_bytes && step.prepend() == schema::Prepend::First)) {
      return Status::Error(Code::kUnsupported,
                           "tokenizer: pre-tokenizer %u: prepend %u: not implemented in this version", i,
                           static_cast<unsigned>(step.prepend()));
    }
    if (is_metaspace &&
        (step.replacement() >= 0x110000 || (step.replacement() >= 0xD800 && step.replacement() < 0xE000))) {
      return Status::Error(Code::kBadFile, "tokenizer: pre-tokenizer %u: replacement %u: not a character", i,
                           step.replacement());
    }
    if (is_bytes && i + 1 != count) {
      return Status::Error(Code::kUnsupported, "tokenizer: pre-tokenizer %u: ByteLevel must be the last", i);
    }
    bytes |= is_bytes;
  }
  if (bytes != (kind == schema::TokenizerKind::ByteLevelBpe)) {
    return Status::Error(Code::kUnsupported, "tokenizer: kind %s %s the pre-tokenizer ByteLevel",
                         schema::EnumNameTokenizerKind(kind), bytes ? "does not go with" : "needs");
  }
  return Status();
}

}  // namespace

Status CheckPreparation(const schema::Preparation& preparation, schema::TokenizerKind kind) {
  const auto* steps = preparation.normalizers();
  const uint32_t count = steps == nullptr ? 0 : steps->size();
  if (count > NormalizerChain::kMaxSteps) {
    return Status::Error(Code::kUnsupported, "tokenizer: %u normalizers: at most %u are implemented", count,
                         NormalizerChain::kMaxSteps);
  }
  uint64_t growth = 1;
  bool has_form = false;
  for (uint32_t i = 0; i < count; ++i) {
    const schema::NormalizerStep& step = *steps->Get(i);
    if (step.kind() > NormalizerKind::MAX) {
      return Status::Error(Code::kUnsupported, "tokenizer: normalizer %u: kind %u: not implemented in this version", i,
                           static_cast<unsigned>(step.kind()));
    }
    if (step.kind() == NormalizerKind::Replace) PBERT_RETURN_IF_ERROR(CheckReplace(step, i));
    if (step.kind() == NormalizerKind::CharacterMap && (step.map_units() == nullptr || step.map_texts() == nullptr)) {
      return Status::Error(Code::kBadFile, "tokenizer: normalizer %u: its character map is missing", i);
    }
    growth *= GrowthOf(step);
    if (step.kind() <= NormalizerKind::Nfkc && !std::exchange(has_form, true)) growth *= kLongestForm;
    if (growth > kMaxGrowth) {
      return Status::Error(Code::kUnsupported, "tokenizer: normalizer %u: makes a text too long", i);
    }
  }
  return CheckPreTokenizers(preparation, kind);
}

StepList::StepList(const schema::Tokenizer& table)
    : own_(table.preparation()),
      bert_{.clean_text = table.clean_text(),
            .space_cjk = table.space_cjk(),
            .strip_accents = table.strip_accents(),
            .lowercase = table.lowercase()} {}

NormalizerChain* NormalizerChain::Make(const StepList& steps, Arena* arena) {
  NormalizerChain unused;  // stands for the real one where the arena only counts, or is exhausted
  NormalizerChain* const made = arena->Make<NormalizerChain>();
  NormalizerChain* const chain = made == nullptr ? &unused : made;
  if (steps.own() == nullptr) {
    chain->Add(arena->Make<BertNormalizer>(steps.bert(), &chain->raw_));
  } else if (steps.own()->normalizers() != nullptr) {
    for (const schema::NormalizerStep* step : *steps.own()->normalizers()) {
      chain->Add(MakeStep(*step, chain->last_, arena));
    }
  }
  return made;
}

void NormalizerChain::Add(CharStep* step) {
  if (step == nullptr) return;
  steps_[step_count_++] = step;
  last_ = step;
}

void NormalizerChain::Begin(const RawCursor& stretch, uint32_t origin) {
  raw_.Begin(stretch);
  for (uint32_t i = 0; i < step_count_; ++i) steps_[i]->Begin(origin);
  position_ = 0;
}

}  // namespace pbert
