#include "platforms/cli/bench_texts.h"

#include <algorithm>

#include "converter/support/error.h"

namespace pbert::cli {
namespace {

constexpr size_t kWords = 4096;  // enough for variety
constexpr size_t kEnough = 64;   // as many plain words make odd ones unnecessary

bool IsPlainWord(std::string_view piece) {
  return piece.size() >= 3 && std::all_of(piece.begin(), piece.end(), [](char c) { return c >= 'a' && c <= 'z'; });
}

TokenizerScratch TakeScratch(const Tokenizer& tokenizer, std::vector<uint8_t>* memory) {
  Arena counting;
  (void)TokenizerScratch::Take(tokenizer, &counting);
  memory->resize(counting.Needed());
  Arena arena(memory->data(), memory->size());
  return TokenizerScratch::Take(tokenizer, &arena);
}

}  // namespace

BenchTexts::BenchTexts(const Tokenizer& tokenizer, schema::Task task)
    : tokenizer_(tokenizer), task_(task), scratch_(TakeScratch(tokenizer, &memory_)) {
  // Plain words first; whatever is one token between spaces where a vocabulary has hardly any.
  for (const bool plain : {true, false}) {
    if (words_.size() >= kEnough) break;
    for (uint32_t id = 0; id < tokenizer.vocabulary_size() && words_.size() < kWords; ++id) {
      const std::string_view piece = tokenizer.piece(static_cast<int32_t>(id));
      if (piece.empty() || piece.find(' ') != std::string_view::npos || IsPlainWord(piece) != plain) continue;
      // Twice, so that a word which is joined with its neighbour or is a special token inside text shows.
      const std::string twice = std::string(piece) + " " + std::string(piece);
      TokenStream& stream = scratch_.Begin(twice);
      Token first, second, third;
      const bool fits = stream.Next(&first) && stream.Next(&second) && !stream.Next(&third) &&
                        first.id == static_cast<int32_t>(id) && second.id == first.id && piece.front() != '[';
      if (fits) words_.emplace_back(piece);
    }
  }
  if (words_.empty())
    throw converter::Error("its vocabulary has no word that is one token, so no text of a known length can be made");
}

uint32_t BenchTexts::frame() const {
  uint32_t special = 0;
  const bool pair = task_ == schema::Task::QuestionAnswering;
  for (const schema::FramePiece* piece :
       *(pair ? tokenizer_.table().frame_pair() : tokenizer_.table().frame_single())) {
    special += piece->item() == schema::FrameItem::SpecialToken;
  }
  return special;
}

size_t BenchTexts::CountTokens(std::string_view text, size_t most) {
  TokenStream& stream = scratch_.Begin(text);
  size_t count = 0;
  for (Token token; count <= most && stream.Next(&token);) ++count;
  return count;
}

std::vector<BenchText> BenchTexts::Make(uint32_t tokens, size_t count) {
  const size_t length = tokens - frame();
  std::vector<BenchText> texts;
  uint32_t random = 1;
  for (size_t i = 0; i < count; ++i) {
    // The first words are spread over the vocabulary, which makes the texts different; the others are drawn.
    std::string text = words_[i * words_.size() / count];
    for (size_t w = 1; w < length; ++w) {
      random = random * 1664525u + 1013904223u;
      text += " " + words_[(random >> 8) % words_.size()];
    }
    if (CountTokens(text, length) != length) {
      throw converter::Error("a text made of " + std::to_string(length) +
                             " one-token words has another number of tokens: " + text);
    }
    BenchText made;
    if (task_ == schema::Task::QuestionAnswering) {  // the first word asks
      const size_t space = text.find(' ');
      made = {text.substr(0, space), text.substr(space + 1)};
    } else if (task_ == schema::Task::FillMask) {  // the last word gives way to the mask
      const int32_t mask = tokenizer_.table().mask_id();
      made.text = text.substr(0, text.rfind(' ') + 1) + std::string(tokenizer_.piece(mask));
    } else {
      made.text = std::move(text);
    }
    texts.push_back(std::move(made));
  }
  return texts;
}

}  // namespace pbert::cli
