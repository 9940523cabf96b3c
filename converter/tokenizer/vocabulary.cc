#include "converter/tokenizer/vocabulary.h"

#include <nlohmann/json.hpp>

#include "base/utf8.h"
#include "converter/support/error.h"
#include "model/limits.h"

namespace pbert::converter {
Vocabulary Vocabulary::FromText(std::string_view text, const std::string& where) {
  Vocabulary vocabulary;
  std::vector<std::string>& pieces = vocabulary.pieces_;
  while (!text.empty()) {
    const size_t end = text.find_first_of("\r\n");
    pieces.emplace_back(text.substr(0, end));
    if (end == std::string_view::npos) break;
    text.remove_prefix(text.substr(end).starts_with("\r\n") ? end + 2 : end + 1);
  }
  for (; !pieces.empty() && pieces.back().empty(); pieces.pop_back()) vocabulary.has_blank_ = true;
  if (pieces.empty()) throw Error(where + ": the vocabulary is empty");
  for (size_t id = 0; id < pieces.size(); ++id) {
    const std::string line = where + ": line " + std::to_string(id + 1);
    if (pieces[id].empty()) {
      vocabulary.has_blank_ = true;
      continue;
    }
    if (!IsUtf8(pieces[id])) throw Error(line + ": not UTF-8");
    const auto [place, is_new] = vocabulary.ids_.emplace(pieces[id], static_cast<uint32_t>(id));
    if (!is_new) {
      throw Error(line + ": duplicate of line " + std::to_string(place->second + 1) + ": \"" + pieces[id] + "\"");
    }
  }
  return vocabulary;
}

Vocabulary Vocabulary::FromJson(const Json& vocab, const std::string& where) {
  if (!vocab.is_object() || vocab.empty()) throw Error(where + ": \"vocab\" is not an object of pieces and ids");
  Vocabulary vocabulary;
  std::vector<bool> used;
  for (const auto& [piece, id] : vocab.items()) {
    if (!id.is_number_unsigned() || id.get<uint64_t>() >= kLimits.vocabulary) {
      throw Error(where + ": \"vocab\" gives \"" + piece + "\" the id " + Excerpt(id) +
                  ", expected a whole number below " + std::to_string(kLimits.vocabulary));
    }
    const uint32_t index = id.get<uint32_t>();
    if (index >= used.size()) {
      used.resize(index + 1);
      vocabulary.pieces_.resize(index + 1);
    }
    if (used[index]) {
      throw Error(where + ": \"vocab\" has duplicate id " + std::to_string(index) + ": \"" + vocabulary.pieces_[index] +
                  "\" and \"" + piece + "\"");
    }
    used[index] = true;
    vocabulary.pieces_[index] = piece;
    vocabulary.ids_.emplace(piece, index);
  }
  return vocabulary;
}

Vocabulary Vocabulary::FromPieces(std::vector<std::string> pieces, const std::string& where) {
  if (pieces.size() > kLimits.vocabulary) {
    throw Error(where + ": \"vocab\" has " + std::to_string(pieces.size()) + " pieces, more than " +
                std::to_string(kLimits.vocabulary));
  }
  Vocabulary vocabulary;
  vocabulary.pieces_ = std::move(pieces);
  for (size_t id = 0; id < vocabulary.pieces_.size(); ++id) {
    const std::string& piece = vocabulary.pieces_[id];
    const auto [place, is_new] = vocabulary.ids_.emplace(piece, static_cast<uint32_t>(id));
    if (!is_new) {
      throw Error(where + ": \"vocab\" has \"" + piece + "\" twice, as " + std::to_string(place->second) + " and " +
                  std::to_string(id));
    }
  }
  return vocabulary;
}

int64_t Vocabulary::IdOf(const std::string& piece) const {
  const auto found = ids_.find(piece);
  return found == ids_.end() ? -1 : static_cast<int64_t>(found->second);
}

}  // namespace pbert::converter
