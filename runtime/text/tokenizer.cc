#include "text/tokenizer.h"

#include <algorithm>

#include "base/parts.h"
#include "text/check_tokenizer.h"
#include "text/token_stream.h"

namespace pbert {
namespace {

static_assert(Tokenizer::kMaxAddedTokenBytes <= TokenStream::kMaxAddedToken);

char AsChar(uint8_t byte) { return static_cast<char>(byte); }

std::string_view View(const flatbuffers::String* string) {
  return string == nullptr ? std::string_view() : std::string_view(string->c_str(), string->size());
}

// What CMakeLists.txt calls a kind that this build cannot open; null for others.
const char* LeftOut(schema::TokenizerKind kind) {
  if (!kHasWordPiece && kind == schema::TokenizerKind::WordPiece) return "wordpiece";
  if (!kHasBytePairs && kind == schema::TokenizerKind::ByteLevelBpe) return "bpe";
  if (!kHasUnigram && kind == schema::TokenizerKind::Unigram) return "unigram";
  return nullptr;
}

// Decoding is the caller's work, but what is not implemented is refused here, and what could make a text longer without
// end. Published decoders have up to five steps, none of which makes a text longer.
Status CheckDecoder(const schema::Decoder* decoder) {
  if (decoder == nullptr || decoder->steps() == nullptr) return Status();
  constexpr uint32_t kMaxSteps = 16;
  constexpr uint64_t kMaxGrowth = 1024;
  if (decoder->steps()->size() > kMaxSteps) {
    return Status::Error(Code::kUnsupported, "tokenizer: decoder: %u steps: at most %u are implemented",
                         decoder->steps()->size(), kMaxSteps);
  }
  uint64_t growth = 1;
  for (const schema::DecoderStep* step : *decoder->steps()) {
    growth *= View(step->content()).size() / std::max<size_t>(View(step->pattern()).size(), 1) + 1;
    if (growth > kMaxGrowth) {
      return Status::Error(Code::kUnsupported, "tokenizer: decoder: its steps make a text too long");
    }
    if (step->kind() > schema::DecoderKind::MAX) {
      return Status::Error(Code::kUnsupported, "tokenizer: decoder: kind %u (unknown): not implemented in this version",
                           static_cast<unsigned>(step->kind()));
    }
  }
  return Status();
}

}  // namespace

Status Tokenizer::Open(const Model& model, Tokenizer* tokenizer) {
  uint32_t vocabulary_size = 0;
  PBERT_RETURN_IF_ERROR(CheckTokenizer(model, &vocabulary_size));
  return OpenChecked(model.tokenizer(), vocabulary_size, tokenizer);
}

Status Tokenizer::Open(const schema::Tokenizer& table, Tokenizer* tokenizer) {
  uint32_t vocabulary_size = 0;
  PBERT_RETURN_IF_ERROR(CheckTokenizer(table, &vocabulary_size));
  return OpenChecked(table, vocabulary_size, tokenizer);
}

Status Tokenizer::OpenChecked(const schema::Tokenizer& table, uint32_t vocabulary_size, Tokenizer* tokenizer) {
  if (table.kind() > schema::TokenizerKind::MAX) {
    return Status::Error(Code::kUnsupported, "tokenizer: kind %u (unknown): not implemented in this version",
                         static_cast<unsigned>(table.kind()));
  }
  if (const char* kind = LeftOut(table.kind()); kind != nullptr) {
    return Status::Error(Code::kUnsupported, "tokenizer: this build has no %s tokenizer (POCKETBERT_TOKENIZERS)", kind);
  }
  if (table.max_word_chars() > kMaxWordChars) {
    return Status::Error(Code::kUnsupported, "tokenizer: words of up to %u characters: at most %u are implemented",
                         table.max_word_chars(), kMaxWordChars);
  }
  if (table.preparation() != nullptr) {
    PBERT_RETURN_IF_ERROR(CheckPreparation(*table.preparation(), table.kind()));
  } else if (table.kind() != schema::TokenizerKind::WordPiece) {
    return Status::Error(Code::kBadFile, "tokenizer: kind %s without a preparation of its own",
                         schema::EnumNameTokenizerKind(table.kind()));
  }
  const uint32_t units = table.trie()->size();
  if (units == 0 || units > TrieLayout::kMaxUnits) {
    return Status::Error(Code::kBadFile, "tokenizer: trie: %u units: must be 1 to %u", units, TrieLayout::kMaxUnits);
  }

  PBERT_RETURN_IF_ERROR(CheckDecoder(table.decoder()));

  tokenizer->table_ = &table;
  tokenizer->vocabulary_size_ = vocabulary_size;
  PBERT_RETURN_IF_ERROR(tokenizer->CheckPieceSizes());

  tokenizer->trie_ = Trie(table.trie()->data(), units);
  tokenizer->steps_ = StepList(table);
  PBERT_RETURN_IF_ERROR(tokenizer->OpenModel());
  PBERT_RETURN_IF_ERROR(tokenizer->FindAddedTokens());
  tokenizer->unknown_piece_ = tokenizer->piece(static_cast<int32_t>(table.unknown_id()));
  return Status();
}

Status Tokenizer::OpenModel() {
  const uint32_t pieces = table_->piece_ends()->size();
  const uint32_t unknown = table_->unknown_id();
  switch (table_->kind()) {
    case schema::TokenizerKind::WordPiece: {
      if (!kHasWordPiece) break;
      const Trie::State continuing = trie_.Walk(Trie::kRoot, View(table_->continuing_prefix()));
      word_piece_ = WordPiece(trie_, continuing, pieces, unknown, table_->max_word_chars());
      break;
    }
    case schema::TokenizerKind::ByteLevelBpe: {
      if (!kHasBytePairs) break;
      const auto* words = table_->merges();  // none: every byte stays alone
      const uint32_t count = words == nullptr ? 0 : words->size();
      if (count % MergeLayout::kWords != 0) {
        return Status::Error(Code::kBadFile, "tokenizer: merges: %u words: must be a multiple of %u", count,
                             MergeLayout::kWords);
      }
      const MergeTable merges(count == 0 ? nullptr : words->data(), count, pieces);
      byte_pair_rules_ = BytePairRules(trie_, merges, pieces, unknown, table_->fuse_unknown());
      break;
    }
    case schema::TokenizerKind::Unigram: {
      if (!kHasUnigram) break;
      const auto* words = table_->scores();
      const uint32_t count = words == nullptr ? 0 : words->size();
      return unigram_rules_.Open(trie_, count == 0 ? nullptr : words->data(), count, pieces, unknown);
    }
  }
  return Status();
}

Status Tokenizer::CheckPieceSizes() const {
  for (uint32_t i = 0; i < table_->piece_ends()->size(); ++i) {
    const size_t size = StoredPiece(i).size();
    if (size > kMaxPieceBytes) {
      return Status::Error(Code::kUnsupported, "tokenizer: piece %u: has %zu bytes: at most %u are implemented", i,
                           size, kMaxPieceBytes);
    }
  }
  return Status();
}

std::string_view Tokenizer::model_piece(int32_t id) const {
  const bool stored = id >= 0 && static_cast<uint32_t>(id) < table_->piece_ends()->size();
  const std::string_view piece = stored ? StoredPiece(static_cast<uint32_t>(id)) : std::string_view();
  return piece.empty() && id == static_cast<int32_t>(table_->unknown_id()) ? unknown_piece_ : piece;
}

// An added token whose way through the trie is missing would never be found: the writer forgot it.
Status Tokenizer::FindAddedTokens() {
  const auto* tokens = table_->added_tokens();
  const char raw_mark = AsChar(TrieLayout::kRawAddedToken), normalized_mark = AsChar(TrieLayout::kNormalizedAddedToken);
  raw_tokens_ = {trie_, trie_.Walk(Trie::kRoot, {&raw_mark, 1}), tokens, 0};
  normalized_tokens_ = {trie_, trie_.Walk(Trie::kRoot, {&normalized_mark, 1}), tokens, 0};
  for (uint32_t i = 0; tokens != nullptr && i < tokens->size(); ++i) {
    const schema::AddedToken& token = *tokens->Get(i);
    const std::string_view content = View(token.content());
    if (content.size() > Tokenizer::kMaxAddedTokenBytes) {
      return Status::Error(Code::kUnsupported, "tokenizer: added token %u: has %zu bytes: at most %u are implemented",
                           i, content.size(), Tokenizer::kMaxAddedTokenBytes);
    }
    AddedTokens& kind = token.normalized() ? normalized_tokens_ : raw_tokens_;
    if (token.normalized() && steps_.own() != nullptr) {
      kind.longest = TokenStream::kMaxAddedToken;
      continue;  // what becomes of it cannot be said here, where there is no memory for the steps
    }
    uint64_t steps = 0;
    RawSource raw;
    BertNormalizer normalizer(steps_.bert(), &raw);
    raw.Begin(RawCursor(content, 0, static_cast<uint32_t>(content.size()), &steps));
    normalizer.Begin(0);
    CharSource& characters = token.normalized() ? static_cast<CharSource&>(normalizer) : raw;
    Trie::State state = kind.root;
    uint32_t length = 0;
    for (TextChar c; characters.Next(&c); ++length) {
      uint8_t bytes[4];
      const uint32_t size = EncodeUtf8(c.code_point, bytes);
      state = trie_.Walk(state, {reinterpret_cast<const char*>(bytes), size});
    }
    if (length == 0) continue;  // cannot be found in a text
    kind.longest = std::max(kind.longest, length);
    const int32_t index = state == Trie::kDead ? -1 : trie_.Value(state);
    if (index < 0 || static_cast<uint32_t>(index) >= tokens->size()) {
      return Status::Error(Code::kBadFile, "tokenizer: added token %u: is missing in the trie", i);
    }
  }
  return Status();
}

std::string_view Tokenizer::StoredPiece(uint32_t index) const {
  const uint32_t begin = index == 0 ? 0 : table_->piece_ends()->Get(index - 1);
  const uint32_t end = table_->piece_ends()->Get(index);
  return {reinterpret_cast<const char*>(table_->piece_bytes()->data()) + begin, end - begin};
}

std::string_view Tokenizer::piece(int32_t id) const {
  if (id < 0) return {};
  if (static_cast<uint32_t>(id) < table_->piece_ends()->size()) {
    const std::string_view stored = StoredPiece(static_cast<uint32_t>(id));
    if (!stored.empty()) return stored;
  }
  if (table_->added_tokens() != nullptr) {
    for (const schema::AddedToken* token : *table_->added_tokens()) {
      if (token->id() == static_cast<uint32_t>(id)) return View(token->content());
    }
  }
  return {};
}

int32_t Tokenizer::id_of(std::string_view piece) const {
  if (piece.empty()) return -1;
  if (table_->added_tokens() != nullptr) {
    for (const schema::AddedToken* token : *table_->added_tokens()) {
      if (View(token->content()) == piece) return static_cast<int32_t>(token->id());
    }
  }
  const Trie::State state = trie_.Walk(Trie::kRoot, piece);
  const int32_t id = state == Trie::kDead ? -1 : trie_.Value(state);
  // The trie also holds added tokens, under first bytes that no piece has.
  return id >= 0 && static_cast<uint32_t>(id) < table_->piece_ends()->size() &&
                 StoredPiece(static_cast<uint32_t>(id)) == piece
             ? id
             : -1;
}

}  // namespace pbert
