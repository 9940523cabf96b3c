#include "tests/fuzz/random_tokenizer.h"

#include <algorithm>
#include <bit>
#include <exception>
#include <set>
#include <utility>
#include <vector>

#include "base/utf8.h"
#include "converter/tokenizer/merge_table_builder.h"
#include "converter/tokenizer/trie_builder.h"
#include "text/byte_pairs.h"

namespace pbert::fuzz {
namespace {

constexpr const char* kSpecials[] = {"[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"};
constexpr const char kLetters[] = "abcsle";  // few, so that texts of them meet the vocabulary
constexpr uint32_t kLetterCount = 6;

class Maker {
 public:
  Maker(Chance* chance, bool spoiled) : u_(*chance), spoiled_(spoiled), table_(new schema::TokenizerT) {}

  RandomTokenizer Make() {
    for (const char* piece : kSpecials) AddPiece(piece);
    table_->kind = static_cast<schema::TokenizerKind>(u_(3));
    if (table_->kind == schema::TokenizerKind::ByteLevelBpe) {
      MakeBytePairs();
    } else {
      MakeWords();
    }
    StorePieces();
    if (table_->kind == schema::TokenizerKind::Unigram) MakeScores();
    MakeFlags();
    MakeAddedTokens();
    if (table_->kind != schema::TokenizerKind::WordPiece || u_(2)) MakePreparation();
    MakeFrames();
    MakeTrie();
    return {std::move(table_), rows_};
  }

 private:
  void AddPiece(const std::string& piece) {
    if (known_.insert(piece).second) pieces_.push_back(piece);
  }

  void MakeBytePairs() {
    const bool all_bytes = u_(3) != 0;
    for (uint32_t byte = 0; byte < 256; ++byte) {
      if (all_bytes || u_(3)) AddPiece(Utf8(ByteLevelChar(static_cast<uint8_t>(byte))));
    }
    std::vector<converter::PieceMerge> merges;
    for (uint32_t i = u_(40); i > 0; --i) {
      const auto any = [&] { return 5 + u_(pieces_.size() - 5); };
      const uint32_t right = any();
      uint32_t left = any();
      if (all_bytes && u_(2)) left = 5 + static_cast<uint32_t>('a') - 0x21 + u_(6);  // where the letters are
      left = std::min(left, static_cast<uint32_t>(pieces_.size() - 1));
      AddPiece(pieces_[left] + pieces_[right]);
      const auto made = static_cast<uint32_t>(u_(8) ? pieces_.size() - 1 : u_(pieces_.size()));
      merges.push_back({left, right, made});
    }
    if (u_(8)) table_->merges = converter::BuildMergeTable(merges);
    if (spoiled_ && u_.OneIn(6) && !table_->merges.empty()) {
      for (uint32_t i = u_(20); i > 0; --i) table_->merges[u_(table_->merges.size())] = u_(0xFFFFFFFF);
    }
    table_->fuse_unknown = u_(2);
  }

  void MakeWords() {
    for (const char letter : std::string(kLetters)) {
      AddPiece(std::string(1, letter));
      AddPiece("##" + std::string(1, letter));
      AddPiece(Utf8(0x2581) + letter);
    }
    for (uint32_t i = u_(40); i > 0; --i) {
      const std::string front = u_(2) ? "##" : u_(2) ? Utf8(0x2581) : "";
      AddPiece(front + RandomWord(&u_, u_(8) ? 4 : 40));
    }
  }

  void StorePieces() {
    for (const std::string& piece : pieces_) {
      table_->piece_bytes.insert(table_->piece_bytes.end(), piece.begin(), piece.end());
      table_->piece_ends.push_back(static_cast<uint32_t>(table_->piece_bytes.size()));
    }
    rows_ = static_cast<uint32_t>(pieces_.size());
  }

  void MakeScores() {
    static constexpr double kExtremes[] = {-1, -2.5, 0, 3, -1e30, 1e30, 3e38, -3e38, 1e-40};
    const bool doubles = u_(2);
    for (size_t i = 0; i < pieces_.size(); ++i) {
      double score = u_(6) ? -static_cast<double>(u_(1000)) / 100 : kExtremes[u_(std::size(kExtremes))];
      if (doubles) {
        if (u_.OneIn(12)) score = u_(2) ? 1.7e308 : -1.7e308;
        const auto bits = std::bit_cast<uint64_t>(score);
        table_->scores.push_back(static_cast<uint32_t>(bits));
        table_->scores.push_back(static_cast<uint32_t>(bits >> 32));
      } else {
        table_->scores.push_back(std::bit_cast<uint32_t>(static_cast<float>(score)));
      }
    }
  }

  void MakeFlags() {
    schema::TokenizerT& t = *table_;
    t.clean_text = u_(3);
    t.space_cjk = u_(2);
    t.strip_accents = u_(2);
    t.lowercase = u_(2);
    t.continuing_prefix = u_(6) ? "##" : u_(2) ? "" : RandomWord(&u_, 3);
    t.max_word_chars = u_(4) ? 100 : u_(514);
    t.unknown_id = kUnknown;
    t.cls_id = kCls;
    t.sep_id = kSep;
    t.pad_id = u_(4) ? static_cast<int32_t>(kPad) : -1;
    t.mask_id = kMask;
    t.trim_offsets = u_(2);
    t.trim_keeps_first = u_(2);
    t.no_type_ids = u_.OneIn(8);
    t.truncate_left = u_.OneIn(4);
    if (u_.OneIn(5)) t.max_tokens = 3 + u_(20);
  }

  void AddToken(const std::string& content, uint32_t id) {
    auto token = std::make_unique<schema::AddedTokenT>();
    token->content = content;
    token->id = id;
    token->single_word = u_.OneIn(3);
    token->lstrip = u_.OneIn(3);
    token->rstrip = u_.OneIn(3);
    token->normalized = u_.OneIn(3);
    token->special = u_(2);
    token->split = u_.OneIn(8);
    table_->added_tokens.push_back(std::move(token));
    rows_ = std::max(rows_, id + 1);
  }

  void MakeAddedTokens() {
    if (u_.OneIn(6)) return;
    for (uint32_t id = kPad; id <= kMask; ++id) AddToken(pieces_[id], id);
    for (uint32_t i = u_(5); i > 0; --i) {
      const std::string content = RandomWord(&u_, u_(6) ? 3 : 60);
      AddToken(content, u_(2) ? u_(pieces_.size()) : rows_ + u_(3));
    }
  }

  void MakePreparation() {
    table_->preparation = std::make_unique<schema::PreparationT>();
    schema::PreparationT& p = *table_->preparation;
    for (uint32_t i = u_(5); i > 0; --i) p.normalizers.push_back(MakeRandomNormalizer(&u_));
    for (uint32_t i = u_(4); i > 0; --i) p.pre_tokenizers.push_back(MakeRandomPreTokenizer(&u_));
    if (table_->kind == schema::TokenizerKind::ByteLevelBpe) {
      auto step = std::make_unique<schema::PreTokenizerStepT>();
      step->kind = schema::PreTokenizerKind::ByteLevel;
      step->prepend = u_(2) ? schema::Prepend::Always : schema::Prepend::Never;
      step->split = u_(2);
      p.pre_tokenizers.push_back(std::move(step));
    }
  }

  using Frame = std::vector<std::unique_ptr<schema::FramePieceT>>;
  static void Add(Frame* frame, schema::FrameItem item, uint32_t id) {
    auto piece = std::make_unique<schema::FramePieceT>();
    piece->item = item;
    piece->id = id;
    frame->push_back(std::move(piece));
  }
  void AddSpecials(Frame* frame, uint32_t most) {
    for (uint32_t i = u_(most + 1); i > 0; --i) Add(frame, schema::FrameItem::SpecialToken, u_(rows_));
  }

  // Usual ones, or with many special tokens.
  void MakeFrames() {
    using schema::FrameItem;
    Frame* const single = &table_->frame_single;
    const uint32_t many = u_.OneIn(5) ? 5 : 1;
    AddSpecials(single, many);
    Add(single, FrameItem::First, 0);
    AddSpecials(single, many);
    Frame* const pair = &table_->frame_pair;
    if (u_(6)) {
      AddSpecials(pair, u_.OneIn(3) ? 7 : 1);
      Add(pair, FrameItem::First, 0);
      AddSpecials(pair, 1);
      Add(pair, FrameItem::Second, 0);
      AddSpecials(pair, 1);
    } else {
      for (int i = 0; i < 14; ++i) Add(pair, FrameItem::SpecialToken, kCls);
      const bool turned = u_(2);
      Add(pair, turned ? FrameItem::Second : FrameItem::First, 0);
      Add(pair, turned ? FrameItem::First : FrameItem::Second, 0);
    }
  }

  void MakeTrie() {
    std::vector<uint32_t>& trie = table_->trie;
    try {
      trie = converter::BuildTrie(*table_);
    } catch (const std::exception&) {  // added tokens that exclude each other, say
      trie.assign(256, ~0u);
      trie[0] = 0;
    }
    if (!spoiled_) return;
    const auto size = static_cast<uint32_t>(trie.size());
    switch (u_(8)) {
      case 0:
        for (uint32_t i = 1 + u_(20); i > 0; --i) trie[u_(size)] = u_(0xFFFFFFFF);
        break;
      case 1:  // some nodes' children are the root's
        for (uint32_t& unit : trie) {
          if (!(unit >> 31) && u_.OneIn(3)) unit = (unit & 0x1FF) | (trie[0] & 0x7FFFFE00);
        }
        break;
      case 2:
        for (uint32_t& unit : trie) {
          if ((unit >> 31) && unit != ~0u && u_.OneIn(4)) unit = 1u << 31 | (u_(3) ? u_(rows_ + 5) : u_(0x7FFFFFFF));
        }
        break;
      case 3:
        trie.resize(1 + u_(size));
        break;
      default:
        break;
    }
  }

  Chance& u_;
  const bool spoiled_;
  std::unique_ptr<schema::TokenizerT> table_;
  std::vector<std::string> pieces_;
  std::set<std::string> known_;
  uint32_t rows_ = 0;
};

// Of a map in which paths of letters are likely: the root has children for these bytes.
void FillCharacterMap(Chance* chance, schema::NormalizerStepT* step) {
  Chance& u = *chance;
  for (uint32_t i = u(600); i > 0; --i) step->map_units.push_back(u(5) ? u(1u << 20) : u(0xFFFFFFFF));
  for (uint32_t i = u(200); i > 0; --i) step->map_texts.push_back(static_cast<uint8_t>(u(5) ? 'a' + u(3) : u(256)));
  if (step->map_units.size() <= 300 || u.OneIn(4)) return;
  step->map_units[0] = 0;
  for (const uint32_t byte : {0x61u, 0x62u, 0x63u, 0x73u, 0xC3u, 0xE4u, 0xCCu}) {
    step->map_units[byte] = byte | u(2) << 8 | u(300) << 10;
  }
  for (int i = 0; i < 60; ++i) step->map_units[u(step->map_units.size())] = 1u << 31 | u(220);
}

}  // namespace

RandomTokenizer MakeRandomTokenizer(Chance* chance, bool spoiled) {
  return Maker(chance, spoiled && (*chance)(2)).Make();
}

std::unique_ptr<schema::NormalizerStepT> MakeRandomNormalizer(Chance* chance) {
  Chance& u = *chance;
  auto step = std::make_unique<schema::NormalizerStepT>();
  step->kind = static_cast<schema::NormalizerKind>(u(13));
  step->pattern = RandomWord(chance, 4);
  step->content = u(4) ? RandomWord(chance, 3) : "";
  if (u.OneIn(3)) {
    step->pattern = Utf8(RandomCharacter(chance));
    step->run_length = 1 + u(u(4) ? 4 : 64);
  }
  step->left = u(2);
  step->right = u(2);
  if (step->kind == schema::NormalizerKind::CharacterMap) FillCharacterMap(chance, step.get());
  return step;
}

std::unique_ptr<schema::PreTokenizerStepT> MakeRandomPreTokenizer(Chance* chance) {
  Chance& u = *chance;
  auto step = std::make_unique<schema::PreTokenizerStepT>();
  step->kind = static_cast<schema::PreTokenizerKind>(u(4));
  step->replacement = u(4) ? 0x2581 : RandomCharacter(chance);
  step->prepend = static_cast<schema::Prepend>(u(3));
  step->split = u(2);
  return step;
}

std::string Utf8(char32_t code_point) {
  uint8_t bytes[4];
  const uint32_t size = EncodeUtf8(code_point, bytes);
  return std::string(reinterpret_cast<const char*>(bytes), size);
}

char32_t RandomCharacter(Chance* chance) {
  static constexpr char32_t kCharacters[] = {
      'a',    'b',    'c',    ' ',   '#',   '\'',   's',     'l',    'e',    '.',      '1',     '2',
      'A',    0xE9,   0x301,  0x327, 0x308, 0x4E2D, 0x1F600, 0x2581, 0x120,  0xFB01,   0x130,   0x1100,
      0x1161, 0x11A8, 0xAC00, 0x915, 0x94D, 0x200D, 0xFFFD,  0xA0,   0x3000, 0x10FFFF, 0x1D165, 0x302E,
      0x0F73, '\r',   '\n',   '\t',  0x7F,  0x85,   0xAD,    0x2126, 0xFDFA, 0x1E9B,   0x323};
  return kCharacters[(*chance)(std::size(kCharacters))];
}

std::string RandomWord(Chance* chance, uint32_t longest) {
  std::string word;
  for (uint32_t i = 1 + (*chance)(longest); i > 0; --i) {
    const auto letter = static_cast<char32_t>(kLetters[(*chance)(kLetterCount)]);
    word += Utf8((*chance)(3) ? letter : RandomCharacter(chance));
  }
  return word;
}

}  // namespace pbert::fuzz
