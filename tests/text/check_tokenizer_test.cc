// The rules that a tokenizer's pieces, ids and frames must keep; those of its kind and its trie are in
// tokenizer_test.cc.
#include "text/check_tokenizer.h"

#include <doctest/doctest.h>

#include "tests/support/validate_cases.h"

namespace pbert::test {
namespace {

TEST_CASE("a tokenizer that does not fit its own parts or its model") {
  Run(
      {
          {"no pieces", [](TinyFile& f) { Words(f).piece_ends.clear(); }, "tokenizer", "0 pieces"},
          {"more pieces than rows", [](TinyFile& f) { Words(f).piece_ends.push_back(Words(f).piece_ends.back()); },
           "tokenizer", "21 pieces: must be 1 to the 20 rows"},
          {"descending ends", [](TinyFile& f) { std::swap(Words(f).piece_ends[4], Words(f).piece_ends[5]); },
           "tokenizer: piece 5", "ends before it begins"},
          {"ends beyond the bytes", [](TinyFile& f) { Words(f).piece_ends.back() += 1; }, "tokenizer: pieces",
           "end at byte"},
          {"bytes left over", [](TinyFile& f) { Words(f).piece_bytes.push_back('x'); }, "tokenizer: pieces",
           "end at byte"},
          {"unknown", [](TinyFile& f) { Words(f).unknown_id = 20; }, "tokenizer: unknown token",
           "id 20: the token embedding has 20 rows"},
          {"unknown most", [](TinyFile& f) { Words(f).unknown_id = 0xFFFFFFFFu; }, "tokenizer: unknown token",
           "id 4294967295"},
          {"cls", [](TinyFile& f) { Words(f).cls_id = 20; }, "tokenizer: cls token", "id 20"},
          {"sep", [](TinyFile& f) { Words(f).sep_id = -2; }, "tokenizer: sep token", "id -2"},
          {"pad", [](TinyFile& f) { Words(f).pad_id = 0x7FFFFFFF; }, "tokenizer: pad token", "id 2147483647"},
          {"mask", [](TinyFile& f) { Words(f).mask_id = 20; }, "tokenizer: mask token", "id 20"},
          {"added token", [](TinyFile& f) { Words(f).added_tokens[2]->id = 20; }, "tokenizer: added token 2", "id 20"},
          {"empty frame", [](TinyFile& f) { Words(f).frame_single.clear(); }, "single frame", "0 elements"},
          {"long frame",
           [](TinyFile& f) {
             while (Words(f).frame_single.size() < 17) {
               Words(f).frame_single.push_back(std::make_unique<FramePieceT>(*Words(f).frame_single[0]));
             }
           },
           "single frame", "17 elements"},
          {"frame without text", [](TinyFile& f) { Words(f).frame_single[1]->item = FrameItem::SpecialToken; },
           "single frame", "the first sequence 0 times"},
          {"frame with text twice", [](TinyFile& f) { Words(f).frame_single[2]->item = FrameItem::First; },
           "single frame", "the first sequence 2 times"},
          {"single frame with a pair", [](TinyFile& f) { Words(f).frame_single[2]->item = FrameItem::Second; },
           "single frame", "the second 1 times"},
          {"pair frame without the pair", [](TinyFile& f) { Words(f).frame_pair[3]->item = FrameItem::SpecialToken; },
           "pair frame", "the second 0 times"},
          {"pair frame without the text", [](TinyFile& f) { Words(f).frame_pair[1]->item = FrameItem::SpecialToken; },
           "pair frame", "the first sequence 0 times"},
          {"frame id", [](TinyFile& f) { Words(f).frame_pair[4]->id = 20; }, "pair frame", "id 20"},
          {"frame item 200", [](TinyFile& f) { Words(f).frame_pair[4]->item = Unknown<FrameItem>(); }, "pair frame",
           "unknown kind 200", Code::kUnsupported},
          {"frame type",
           [](TinyFile& f) {
             Encoder(f).embeddings->token_type = f.AddMatrix("types", 1, 8, TensorType::I8);
             Words(f).frame_single[0]->type_id = 1;
           },
           "single frame", "type id 1: the type embedding has 1 rows"},
          {"no room for text", [](TinyFile& f) { Words(f).max_tokens = 2; }, "tokenizer",
           "at most 2 tokens: no room for text beside 2 special ones"},
          {"mask without a mask token",
           [](TinyFile& f) {
             SetTask(f, Task::FillMask, RowChoice::Listed, 20);
             Words(f).mask_id = -1;
           },
           "tokenizer: mask token", "the head classifier needs it"},
      },
      OpenWhole);
}

// The same with a vocabulary that ends before the embedding does, as one that was padded.
TEST_CASE("an id with a row and without a piece") {
  const auto shorter = [](TinyFile& f) {
    Words(f).piece_ends.pop_back();
    Words(f).piece_bytes.resize(Words(f).piece_ends.back());
  };
  TinyFile file;
  shorter(file);
  CHECK(OpenWhole(file).ok());
  Words(file).unknown_id = 19;
  CHECK(std::string(OpenWhole(file).message()) == "tokenizer: unknown token: id 19: the vocabulary has 19");
  Words(file).added_tokens.push_back(std::make_unique<AddedTokenT>(*Words(file).added_tokens[0]));
  Words(file).added_tokens.back()->id = 19;
  CHECK(OpenWhole(file).ok());
}

TEST_CASE("the model's gates leave the tokenizer's numbers to the tokenizer") {
  TinyFile file;
  Words(file).unknown_id = 20;
  CHECK(Open(file).ok());
  CHECK_FALSE(OpenWhole(file).ok());
}

}  // namespace
}  // namespace pbert::test
