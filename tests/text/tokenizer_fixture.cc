#include "tests/text/tokenizer_fixture.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <fstream>
#include <memory>

namespace pbert::test {
namespace {

template <typename Taken, typename Take>
Taken TakeFrom(std::vector<uint8_t>* memory, const Take& take) {
  Arena counting;
  take(&counting);
  Arena::Forget(memory->data(), memory->size());  // of the arena before
  memory->assign(counting.Needed(), 0xA5);        // memory is not zero in a session either
  Arena arena(memory->data(), memory->size());
  Taken taken = take(&arena);
  REQUIRE(!arena.overflowed());
  return taken;
}

}  // namespace

std::vector<std::string> ReadLines(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  REQUIRE_MESSAGE(file.good(), path);
  std::vector<std::string> lines;
  for (std::string line; std::getline(file, line);) lines.push_back(line);
  return lines;
}

schema::TokenizerT BertTable(const std::vector<std::string>& pieces) {
  schema::TokenizerT table;
  for (const std::string& piece : pieces) {
    table.piece_bytes.insert(table.piece_bytes.end(), piece.begin(), piece.end());
    table.piece_ends.push_back(static_cast<uint32_t>(table.piece_bytes.size()));
  }
  table.continuing_prefix = "##";
  const auto special = [&](const char* content) {
    const auto found = std::find(pieces.begin(), pieces.end(), content);
    REQUIRE_MESSAGE(found != pieces.end(), content);
    const auto id = static_cast<uint32_t>(found - pieces.begin());
    auto token = std::make_unique<schema::AddedTokenT>();
    token->content = content;
    token->id = id;
    token->special = true;
    table.added_tokens.push_back(std::move(token));
    return id;
  };
  table.pad_id = static_cast<int32_t>(special("[PAD]"));
  table.unknown_id = special("[UNK]");
  table.cls_id = static_cast<int32_t>(special("[CLS]"));
  table.sep_id = static_cast<int32_t>(special("[SEP]"));
  table.mask_id = static_cast<int32_t>(special("[MASK]"));
  const auto piece = [](schema::FrameItem item, int32_t id, uint8_t type_id) {
    auto made = std::make_unique<schema::FramePieceT>();
    made->item = item;
    made->id = static_cast<uint32_t>(id);
    made->type_id = type_id;
    return made;
  };
  for (auto* frame : {&table.frame_single, &table.frame_pair}) {
    frame->push_back(piece(schema::FrameItem::SpecialToken, table.cls_id, 0));
    frame->push_back(piece(schema::FrameItem::First, 0, 0));
    frame->push_back(piece(schema::FrameItem::SpecialToken, table.sep_id, 0));
  }
  table.frame_pair.push_back(piece(schema::FrameItem::Second, 0, 1));
  table.frame_pair.push_back(piece(schema::FrameItem::SpecialToken, table.sep_id, 1));
  return table;
}

uint32_t AddToken(schema::TokenizerT* table, const std::string& content, const AddedTokenFlags& flags) {
  auto token = std::make_unique<schema::AddedTokenT>();
  token->content = content;
  token->id = static_cast<uint32_t>(table->piece_ends.size());
  for (const auto& other : table->added_tokens) token->id = std::max(token->id, other->id + 1);
  token->single_word = flags.single_word;
  token->lstrip = flags.lstrip;
  token->rstrip = flags.rstrip;
  token->normalized = flags.normalized;
  table->added_tokens.push_back(std::move(token));
  return table->added_tokens.back()->id;
}

TestTokenizer::TestTokenizer(schema::TokenizerT table) {
  if (table.trie.empty()) table.trie = converter::BuildTrie(table);
  flatbuffers::FlatBufferBuilder builder;
  builder.Finish(schema::Tokenizer::Pack(builder, &table));
  file_.assign(builder.GetBufferPointer(), builder.GetBufferPointer() + builder.GetSize());
  flatbuffers::Verifier verifier(file_.data(), file_.size());
  REQUIRE(verifier.VerifyBuffer<schema::Tokenizer>(nullptr));
  status_ = Tokenizer::Open(*flatbuffers::GetRoot<schema::Tokenizer>(file_.data()), &tokenizer_);
  if (!status_.ok()) return;
  scratch_ = TakeFrom<TokenizerScratch>(&scratch_memory_,
                                        [this](Arena* arena) { return TokenizerScratch::Take(tokenizer_, arena); });
}

std::vector<Token> TestTokenizer::Tokens(std::string_view text) {
  REQUIRE_MESSAGE(status_.ok(), status_.message());
  TokenStream& stream = scratch_.Begin(text);
  std::vector<Token> tokens;
  for (Token token; stream.Next(&token);) tokens.push_back(token);
  return tokens;
}

std::string TestTokenizer::Describe(std::string_view text) {
  std::string description;
  for (const Token& token : Tokens(text)) {
    if (!description.empty()) description += ' ';
    description += std::string(tokenizer_.piece(token.id)) + "(" + std::to_string(token.begin) + "," +
                   std::to_string(token.end) + ")";
  }
  return description;
}

void TestTokenizer::MakeRoom(size_t max_tokens) {
  REQUIRE_MESSAGE(status_.ok(), status_.message());
  encoding_ =
      TakeFrom<Encoding>(&encoding_memory_, [max_tokens](Arena* arena) { return Encoding::Take(arena, max_tokens); });
}

const Encoding& TestTokenizer::Encoded(std::string_view text, size_t max_tokens) {
  MakeRoom(max_tokens);
  const Status status = Encode(tokenizer_, text, {}, false, max_tokens, &scratch_, &encoding_);
  REQUIRE_MESSAGE(status.ok(), status.message());
  return encoding_;
}

const Encoding& TestTokenizer::EncodedPair(std::string_view text, std::string_view pair, size_t max_tokens) {
  MakeRoom(max_tokens);
  const Status status = Encode(tokenizer_, text, pair, true, max_tokens, &scratch_, &encoding_);
  REQUIRE_MESSAGE(status.ok(), status.message());
  return encoding_;
}

}  // namespace pbert::test
