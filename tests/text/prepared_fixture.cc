#include "tests/text/prepared_fixture.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <bit>
#include <map>

#include "base/arena.h"
#include "base/utf8.h"
#include "converter/tokenizer/merge_table_builder.h"
#include "text/byte_pairs.h"
#include "text/encoding.h"

namespace pbert::test {
namespace {

std::string Utf8(char32_t c) {
  uint8_t bytes[4];
  const uint32_t size = EncodeUtf8(c, bytes);
  return std::string(reinterpret_cast<const char*>(bytes), size);
}

void SetPieces(const std::vector<std::string>& pieces, schema::TokenizerT* table) {
  for (const std::string& piece : pieces) {
    table->piece_bytes.insert(table->piece_bytes.end(), piece.begin(), piece.end());
    table->piece_ends.push_back(static_cast<uint32_t>(table->piece_bytes.size()));
  }
  for (auto* frame : {&table->frame_single, &table->frame_pair}) {
    for (const auto item : {schema::FrameItem::First, schema::FrameItem::Second}) {
      if (item == schema::FrameItem::Second && frame == &table->frame_single) continue;
      frame->push_back(std::make_unique<schema::FramePieceT>());
      frame->back()->item = item;
    }
  }
  table->preparation = std::make_unique<schema::PreparationT>();
}

template <typename Visit>
void Walk(const schema::PreparationT& preparation, std::string_view text, const Visit& visit) {
  flatbuffers::FlatBufferBuilder builder;
  builder.Finish(schema::Preparation::Pack(builder, &preparation));
  WalkSteps(StepList(*flatbuffers::GetRoot<schema::Preparation>(builder.GetBufferPointer())), text, visit);
}

}  // namespace

void WalkSteps(const StepList& steps, std::string_view text, const std::function<void(const PreChar&)>& visit) {
  Arena counting;
  NormalizerChain::Make(steps, &counting);
  PreTokens::Make(steps, nullptr, &counting);
  std::vector<uint8_t> memory(counting.Needed(), 0xA5);
  Arena arena(memory.data(), memory.size());
  NormalizerChain* const chain = NormalizerChain::Make(steps, &arena);
  PreTokens* const tokens = PreTokens::Make(steps, chain, &arena);
  REQUIRE(!arena.overflowed());
  uint64_t count = 0;
  chain->Begin(RawCursor(text, 0, static_cast<uint32_t>(text.size()), &count), 0);
  tokens->Begin(UINT32_MAX);
  for (PreChar c; tokens->Next(&c);) visit(c);
  Arena::Forget(memory.data(), memory.size());
}

schema::TokenizerT BytePairTable(const std::vector<PiecePair>& merges) {
  std::vector<std::string> pieces = {"<unk>"};
  std::map<std::string, uint32_t> ids;
  const auto add = [&](const std::string& piece) {
    if (ids.emplace(piece, static_cast<uint32_t>(pieces.size())).second) pieces.push_back(piece);
  };
  for (uint32_t byte = 0; byte < 256; ++byte) add(Utf8(ByteLevelChar(static_cast<uint8_t>(byte))));
  std::vector<converter::PieceMerge> words;
  for (const auto& [left, right] : merges) {
    add(left + right);
    REQUIRE(ids.contains(left));
    REQUIRE(ids.contains(right));
    words.push_back({ids[left], ids[right], ids[left + right]});
  }
  schema::TokenizerT table;
  table.kind = schema::TokenizerKind::ByteLevelBpe;
  SetPieces(pieces, &table);
  table.merges = converter::BuildMergeTable(words);
  AddPreTokenizer(&table, schema::PreTokenizerKind::ByteLevel)->split = false;
  return table;
}

schema::TokenizerT UnigramTable(const std::vector<std::pair<std::string, double>>& pieces) {
  schema::TokenizerT table;
  table.kind = schema::TokenizerKind::Unigram;
  std::vector<std::string> texts;
  for (const auto& [piece, score] : pieces) {
    texts.push_back(piece);
    const auto bits = std::bit_cast<uint64_t>(score);
    table.scores.push_back(static_cast<uint32_t>(bits));
    table.scores.push_back(static_cast<uint32_t>(bits >> 32));
  }
  SetPieces(texts, &table);
  return table;
}

schema::NormalizerStepT* AddNormalizer(schema::TokenizerT* table, schema::NormalizerKind kind) {
  table->preparation->normalizers.push_back(std::make_unique<schema::NormalizerStepT>());
  table->preparation->normalizers.back()->kind = kind;
  return table->preparation->normalizers.back().get();
}

schema::PreTokenizerStepT* AddPreTokenizer(schema::TokenizerT* table, schema::PreTokenizerKind kind) {
  table->preparation->pre_tokenizers.push_back(std::make_unique<schema::PreTokenizerStepT>());
  table->preparation->pre_tokenizers.back()->kind = kind;
  return table->preparation->pre_tokenizers.back().get();
}

std::string Prepared(const schema::PreparationT& preparation, std::string_view text) {
  OffsetCursor begins(text), ends(text);
  std::string description;
  Walk(preparation, text, [&](const PreChar& c) {
    if (!description.empty()) description += c.first ? " |" : " ";
    description += Utf8(c.c.code_point) + ":" + std::to_string(begins.At(c.c.begin).code_points) + "-" +
                   std::to_string(ends.At(c.c.end).code_points);
  });
  return description;
}

std::string PreTokensOf(const schema::PreparationT& preparation, std::string_view text) {
  std::string description;
  Walk(preparation, text, [&](const PreChar& c) {
    if (c.first && !description.empty()) description += '|';
    description += Utf8(c.c.code_point);
  });
  return description;
}

}  // namespace pbert::test
