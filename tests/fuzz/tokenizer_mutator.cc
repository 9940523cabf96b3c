#include <exception>
#include <memory>

#include "converter/tokenizer/trie_builder.h"
#include "tests/fuzz/changes.h"
#include "text/preparation.h"

namespace pbert::fuzz {
namespace {

void ChangeAddedToken(schema::AddedTokenT* a, Chance& u) {
  bool* const flags[] = {&a->single_word, &a->lstrip, &a->rstrip, &a->normalized, &a->special, &a->split};
  switch (u(4)) {
    case 0:
      return ChangeText(&a->content, u);
    case 1:
      return ChangeNumber(&a->id, u);
    default:
      return Flip(flags[u(std::size(flags))]);
  }
}

void ChangeFrame(std::vector<std::unique_ptr<schema::FramePieceT>>* frame, Chance& u) {
  if (u.OneIn(3)) return ChangeList(frame, 18, u);
  schema::FramePieceT* const piece = AnyOf(*frame, u);
  if (piece == nullptr) return;
  switch (u(3)) {
    case 0:
      piece->item = AnyKind<schema::FrameItem>(4, u);
      break;
    case 1:
      ChangeNumber(&piece->id, u);
      break;
    default:
      piece->type_id = static_cast<uint8_t>(u(256));
  }
}

void ChangeNormalizer(schema::NormalizerStepT* step, Chance& u) {
  switch (u(8)) {
    case 0:
      step->kind = AnyKind<schema::NormalizerKind>(14, u);
      return;
    case 1:
      return ChangeText(&step->pattern, u);
    case 2:
      return ChangeNumber(&step->run_length, u);
    case 3:
      return ChangeText(&step->content, u);
    case 4:
      return Flip(&step->left);
    case 5:
      return Flip(&step->right);
    case 6:
      return ChangeNumbers(&step->map_units, 1u << 31 | 5, u);
    default:
      return ChangeNumbers(&step->map_texts, 0, u);
  }
}

void ChangePreTokenizer(schema::PreTokenizerStepT* step, Chance& u) {
  switch (u(4)) {
    case 0:
      step->kind = AnyKind<schema::PreTokenizerKind>(6, u);
      break;
    case 1:
      step->replacement = u(2) ? static_cast<uint32_t>(RandomCharacter(&u)) : ChangedNumber(step->replacement, &u);
      break;
    case 2:
      step->prepend = AnyKind<schema::Prepend>(4, u);
      break;
    default:
      Flip(&step->split);
  }
}

void ChangePreparation(std::unique_ptr<schema::PreparationT>* preparation, Chance& u) {
  if (*preparation != nullptr && u.OneIn(40)) return preparation->reset();
  if (*preparation == nullptr) *preparation = std::make_unique<schema::PreparationT>();
  schema::PreparationT& p = **preparation;
  switch (u(6)) {
    case 0:
      return p.normalizers.push_back(MakeRandomNormalizer(&u));
    case 1:
      return ChangeList(&p.normalizers, 34, u);
    case 2:
      if (!p.normalizers.empty()) ChangeNormalizer(AnyOf(p.normalizers, u), u);
      return;
    case 3:
      return ChangeList(&p.pre_tokenizers, 10, u);
    case 4:
      if (!p.pre_tokenizers.empty()) ChangePreTokenizer(AnyOf(p.pre_tokenizers, u), u);
      return;
    default:
      return p.pre_tokenizers.push_back(MakeRandomPreTokenizer(&u));
  }
}

void ChangeDecoder(std::unique_ptr<schema::DecoderT>* decoder, Chance& u) {
  if (*decoder != nullptr && u.OneIn(10)) return decoder->reset();
  if (*decoder == nullptr) *decoder = std::make_unique<schema::DecoderT>();
  schema::DecoderT& d = **decoder;
  if (d.steps.empty() || u.OneIn(3)) d.steps.push_back(std::make_unique<schema::DecoderStepT>());
  schema::DecoderStepT& step = *AnyOf(d.steps, u);
  switch (u(5)) {
    case 0:
      step.kind = AnyKind<schema::DecoderKind>(9, u);
      return;
    case 1:
      return ChangeText(u(2) ? &step.pattern : &step.content, u);
    case 2:
      return ChangeNumber(u(2) ? &step.start : &step.stop, u);
    case 3:
      return ChangeNumber(&step.replacement, u);
    default:
      return ChangeList(&d.steps, 20, u);
  }
}

// BuildTrie normalizes with steps that it takes to be sound.
bool IsSound(const schema::PreparationT* preparation) {
  if (preparation == nullptr) return true;
  flatbuffers::FlatBufferBuilder builder;
  builder.Finish(schema::Preparation::Pack(builder, preparation));
  const auto& table = *flatbuffers::GetRoot<schema::Preparation>(builder.GetBufferPointer());
  return CheckPreparation(table, schema::TokenizerKind::WordPiece).ok() ||
         CheckPreparation(table, schema::TokenizerKind::ByteLevelBpe).ok();
}

// The trie anew, to fit what has changed.
void RebuildTrie(schema::TokenizerT* tokenizer) {
  uint32_t last = 0;
  for (const uint32_t end : tokenizer->piece_ends) {
    if (end < last || end > tokenizer->piece_bytes.size()) return;
    last = end;
  }
  if (!IsSound(tokenizer->preparation.get())) return;
  try {
    tokenizer->trie = converter::BuildTrie(*tokenizer);
  } catch (const std::exception&) {  // stays as it was
  }
}

}  // namespace

void ChangeTokenizer(schema::TokenizerT* tokenizer, Chance& u) {
  schema::TokenizerT& t = *tokenizer;
  switch (u(18)) {
    case 0:
      t.kind = AnyKind<schema::TokenizerKind>(4, u);
      break;
    case 1: {
      bool* const flags[] = {&t.clean_text,   &t.space_cjk,        &t.strip_accents, &t.lowercase,    &t.fuse_unknown,
                             &t.trim_offsets, &t.trim_keeps_first, &t.no_type_ids,   &t.truncate_left};
      Flip(flags[u(std::size(flags))]);
      break;
    }
    case 2:
      ChangeNumbers(&t.piece_ends, 4, u);
      break;
    case 3:
      ChangeNumbers(&t.piece_bytes, 'a', u);
      if (u(2) && !t.piece_ends.empty()) t.piece_ends.back() = static_cast<uint32_t>(t.piece_bytes.size());
      break;
    case 4:
    case 5:
      ChangeNumbers(&t.trie, u(3) ? 1u << 9 | 'a' : 1u << 31, u);
      break;
    case 6:
      ChangeText(&t.continuing_prefix, u);
      break;
    case 7:
      ChangeNumber(u(2) ? &t.max_word_chars : &t.max_tokens, u);
      break;
    case 8: {
      int32_t* const ids[] = {&t.cls_id, &t.sep_id, &t.pad_id, &t.mask_id};
      if (u.OneIn(5)) {
        ChangeNumber(&t.unknown_id, u);
      } else {
        ChangeIndex(ids[u(std::size(ids))], t.piece_ends.size(), u);
      }
      break;
    }
    case 9:
      ChangeList(&t.added_tokens, 60, u);
      break;
    case 10:
    case 11:
      if (!t.added_tokens.empty()) ChangeAddedToken(AnyOf(t.added_tokens, u), u);
      break;
    case 12:
      ChangeFrame(u(2) ? &t.frame_single : &t.frame_pair, u);
      break;
    case 13:
      ChangeNumbers(&t.merges, 100, u);
      if (u(2)) t.merges.resize(t.merges.size() / 3 * 3);
      break;
    case 14:
      ChangeNumbers(&t.scores, 0xBF800000, u);  // -1
      if (u(2)) t.scores.resize(t.piece_ends.size() * (1 + u(2)), 0xBF800000);
      break;
    case 15:
      ChangeDecoder(&t.decoder, u);
      break;
    default:
      ChangePreparation(&t.preparation, u);
  }
  if (u.OneIn(12)) RebuildTrie(tokenizer);
}

}  // namespace pbert::fuzz
