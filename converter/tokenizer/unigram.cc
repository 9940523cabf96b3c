#include "converter/tokenizer/unigram.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <vector>

#include "converter/support/error.h"
#include "converter/tokenizer/tokenizer_json.h"

namespace pbert::converter {
namespace {

// Scores that were floats once, as sentencepiece's are, are stored as floats; others, of other trainers, as doubles,
// because the reference adds them up as doubles and compares sums.
std::vector<uint32_t> StoreScores(const std::vector<double>& scores) {
  const auto is_float = [](double score) { return static_cast<double>(static_cast<float>(score)) == score; };
  const bool floats = std::all_of(scores.begin(), scores.end(), is_float);
  std::vector<uint32_t> words;
  for (const double score : scores) {
    if (floats) {
      words.push_back(std::bit_cast<uint32_t>(static_cast<float>(score)));
    } else {
      const auto bits = std::bit_cast<uint64_t>(score);
      words.push_back(static_cast<uint32_t>(bits));
      words.push_back(static_cast<uint32_t>(bits >> 32));
    }
  }
  return words;
}

}  // namespace

Vocabulary ReadUnigramModel(const Json& model, const std::string& where, schema::TokenizerT* table) {
  if (const Json* fallback = Get(model, "byte_fallback"); fallback != nullptr && *fallback != false) {
    throw Error(where + ": model Unigram: \"byte_fallback\" " + Excerpt(*fallback) + " is not supported");
  }
  const Json* vocab = Get(model, "vocab");
  if (vocab == nullptr || !vocab->is_array() || vocab->empty()) {
    throw Error(where + ": \"vocab\" is not a list of pieces and scores");
  }
  std::vector<std::string> pieces;
  std::vector<double> scores;
  for (const Json& entry : *vocab) {
    const bool valid = entry.is_array() && entry.size() == 2 && entry[0].is_string() && entry[1].is_number();
    if (!valid || !std::isfinite(entry[1].get<double>())) {
      throw Error(where + ": \"vocab\": entry " + std::to_string(pieces.size()) + " is not a piece and its score");
    }
    pieces.push_back(entry[0]);
    scores.push_back(entry[1]);
  }
  const Json* unknown = Get(model, "unk_id");
  if (unknown == nullptr || !unknown->is_number_unsigned() || unknown->get<uint64_t>() >= pieces.size()) {
    throw Error(where + ": model Unigram: \"unk_id\" is " + (unknown == nullptr ? "missing" : Excerpt(*unknown)) +
                ", expected the number of one of the " + std::to_string(pieces.size()) + " pieces");
  }
  table->kind = schema::TokenizerKind::Unigram;
  table->unknown_id = unknown->get<uint32_t>();
  table->scores = StoreScores(scores);
  return Vocabulary::FromPieces(std::move(pieces), where);
}

}  // namespace pbert::converter
