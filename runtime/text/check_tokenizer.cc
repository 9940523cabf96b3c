#include "text/check_tokenizer.h"

#include <algorithm>
#include <cstdio>

#include "model/limits.h"
#include "model/validate.h"

namespace pbert {
namespace {

using FrameVector = flatbuffers::Vector<flatbuffers::Offset<schema::FramePiece>>;

// Ids become int32 and rows of an embedding; the trie cannot hold more pieces than this either.
constexpr uint32_t kIdLimit = 1u << 24;

class Checker {
 public:
  // Without a model.
  explicit Checker(const schema::Tokenizer& tokenizer) : tokenizer_(tokenizer) {}
  explicit Checker(const Model& model) : tokenizer_(model.tokenizer()) {
    const schema::Embeddings& embeddings = *model.encoder().embeddings();
    token_rows_ = model.tensor(embeddings.token()).rows;
    if (!tokenizer_.no_type_ids()) type_rows_ = model.tensor(embeddings.token_type()).rows;
  }

  Status Check() {
    PBERT_RETURN_IF_ERROR(CheckPieces());
    PBERT_RETURN_IF_ERROR(CheckAddedTokens());
    PBERT_RETURN_IF_ERROR(CheckSpecialIds());
    // A pair's frame may ask for a type that the encoder lacks, which then refuses pairs.
    PBERT_RETURN_IF_ERROR(CheckFrame("pair frame", *tokenizer_.frame_pair(), true, 0));
    return CheckFrame("single frame", *tokenizer_.frame_single(), false, type_rows_);
  }

  uint32_t vocabulary_size() const { return vocabulary_size_; }

 private:
  bool has_model() const { return token_rows_ != 0; }

  // Piece i ends where piece i + 1 begins; the last one ends with the bytes.
  Status CheckPieces() {
    const auto& ends = *tokenizer_.piece_ends();
    if (ends.size() == 0 || ends.size() > (has_model() ? token_rows_ : kIdLimit)) {
      return has_model()
                 ? Status::Error(Code::kBadFile,
                                 "tokenizer: %u pieces: must be 1 to the %u rows of the token embedding", ends.size(),
                                 token_rows_)
                 : Status::Error(Code::kBadFile, "tokenizer: %u pieces: must be 1 to %u", ends.size(), kIdLimit);
    }
    uint32_t end = 0;
    for (uint32_t i = 0; i < ends.size(); ++i) {
      if (ends.Get(i) < end) return Status::Error(Code::kBadFile, "tokenizer: piece %u: ends before it begins", i);
      end = ends.Get(i);
    }
    if (end != tokenizer_.piece_bytes()->size()) {
      return Status::Error(Code::kBadFile, "tokenizer: pieces: end at byte %u of %u", end,
                           tokenizer_.piece_bytes()->size());
    }
    vocabulary_size_ = ends.size();
    return Status();
  }

  Status CheckAddedTokens() {
    const auto* tokens = tokenizer_.added_tokens();
    if (tokens == nullptr) return Status();
    PBERT_RETURN_IF_ERROR(CheckCount("tokenizer", "added tokens", tokens->size(), 0, kLimits.added_tokens));
    for (uint32_t i = 0; i < tokens->size(); ++i) {
      const uint32_t id = tokens->Get(i)->id();
      char what[48];
      snprintf(what, sizeof(what), "added token %u", i);
      if (has_model() && id >= token_rows_) return OutOfRange(what, id);
      if (id >= kIdLimit) {
        return Status::Error(Code::kBadFile, "tokenizer: %s: id %u: must be below %u", what, id, kIdLimit);
      }
      vocabulary_size_ = std::max(vocabulary_size_, id + 1);
    }
    return Status();
  }

  Status CheckSpecialIds() const {
    PBERT_RETURN_IF_ERROR(CheckId("unknown token", tokenizer_.unknown_id()));
    const struct {
      const char* name;
      int32_t id;
    } specials[] = {{"cls token", tokenizer_.cls_id()},
                    {"sep token", tokenizer_.sep_id()},
                    {"pad token", tokenizer_.pad_id()},
                    {"mask token", tokenizer_.mask_id()}};
    for (const auto& special : specials) {
      if (special.id != -1) PBERT_RETURN_IF_ERROR(CheckId(special.name, special.id));
    }
    return Status();
  }

  // Encoding relies on each sequence being there once. `type_rows` is 0 where type ids are not checked.
  Status CheckFrame(const char* where, const FrameVector& frame, bool pair, uint32_t type_rows) const {
    PBERT_RETURN_IF_ERROR(CheckCount(where, "elements", frame.size(), 1, kLimits.frame_pieces));
    uint32_t first = 0, second = 0;
    for (const schema::FramePiece* piece : frame) {
      switch (piece->item()) {
        case schema::FrameItem::First:
          ++first;
          break;
        case schema::FrameItem::Second:
          ++second;
          break;
        case schema::FrameItem::SpecialToken:
          PBERT_RETURN_IF_ERROR(CheckId(where, piece->id()));
          break;
        default:
          return Status::Error(Code::kUnsupported, "tokenizer: %s: element of unknown kind %u", where,
                               static_cast<unsigned>(piece->item()));
      }
      if (type_rows != 0 && piece->type_id() >= type_rows) {
        return Status::Error(Code::kBadFile, "tokenizer: %s: type id %u: the type embedding has %u rows", where,
                             piece->type_id(), type_rows);
      }
    }
    if (first != 1 || second != (pair ? 1u : 0u)) {
      return Status::Error(Code::kBadFile, "tokenizer: %s: holds the first sequence %u times and the second %u times",
                           where, first, second);
    }
    return Status();
  }

  // The vocabulary is never larger than the embedding, because its pieces and its added tokens have rows.
  Status CheckId(const char* what, int64_t id) const {
    return id >= 0 && id < vocabulary_size_ ? Status() : OutOfRange(what, id);
  }

  Status OutOfRange(const char* what, int64_t id) const {
    const long long shown = id;
    if (has_model() && (id < 0 || id >= token_rows_)) {
      return Status::Error(Code::kBadFile, "tokenizer: %s: id %lld: the token embedding has %u rows", what, shown,
                           token_rows_);
    }
    return Status::Error(Code::kBadFile, "tokenizer: %s: id %lld: the vocabulary has %u", what, shown,
                         vocabulary_size_);
  }

  const schema::Tokenizer& tokenizer_;
  uint32_t token_rows_ = 0;  // of a model, if there is one
  uint32_t type_rows_ = 0;
  uint32_t vocabulary_size_ = 0;
};

}  // namespace

Status CheckTokenizer(const schema::Tokenizer& tokenizer, uint32_t* vocabulary_size) {
  Checker checker(tokenizer);
  PBERT_RETURN_IF_ERROR(checker.Check());
  *vocabulary_size = checker.vocabulary_size();
  return Status();
}

Status CheckTokenizer(const Model& model, uint32_t* vocabulary_size) {
  Checker checker(model);
  PBERT_RETURN_IF_ERROR(checker.Check());
  const schema::Tokenizer& tokenizer = model.tokenizer();
  const uint32_t special_count = tokenizer.frame_single()->size() - 1;  // all but the text
  if (model.truncation_tokens() <= special_count) {
    return Status::Error(Code::kBadFile, "tokenizer: at most %u tokens: no room for text beside %u special ones",
                         model.truncation_tokens(), special_count);
  }
  for (size_t i = 0; i < model.head_count(); ++i) {
    if (model.head(i).task() == schema::Task::FillMask && tokenizer.mask_id() == -1) {
      return Status::Error(Code::kBadFile, "tokenizer: mask token: is missing and the head %s needs it",
                           model.head(i).name()->c_str());
    }
  }
  *vocabulary_size = checker.vocabulary_size();
  return Status();
}

}  // namespace pbert
