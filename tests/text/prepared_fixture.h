// Tokenizers with a way of their own from text to words, made in memory as the converter makes them in a file.
#ifndef POCKETBERT_TESTS_TEXT_PREPARED_FIXTURE_H_
#define POCKETBERT_TESTS_TEXT_PREPARED_FIXTURE_H_

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "schema/model_generated.h"
#include "text/pre_tokens.h"
#include "text/preparation.h"

namespace pbert::test {

using PiecePair = std::pair<std::string, std::string>;

// A byte-level vocabulary: <unk>, the 256 bytes, and what `merges`, spelled in GPT-2's characters, make. ByteLevel
// without a pattern, so that a text is one pre-token; no special tokens around it. The trie is not built yet: change
// what you like first.
schema::TokenizerT BytePairTable(const std::vector<PiecePair>& merges);

// A Unigram vocabulary, whose first piece is the unknown token. No steps, so that a text is one pre-token.
schema::TokenizerT UnigramTable(const std::vector<std::pair<std::string, double>>& pieces);

schema::NormalizerStepT* AddNormalizer(schema::TokenizerT* table, schema::NormalizerKind kind);
schema::PreTokenizerStepT* AddPreTokenizer(schema::TokenizerT* table, schema::PreTokenizerKind kind);

// Calls `visit` for each character that the steps give.
void WalkSteps(const StepList& steps, std::string_view text, const std::function<void(const PreChar&)>& visit);

// What the steps make of a text: its code points with the code points of the original that each stands for,
// "e:0-1 \xcc\x81:0-1"; with a "|" before each pre-token but the first.
std::string Prepared(const schema::PreparationT& preparation, std::string_view text);
// The pre-tokens alone: "Hello| world".
std::string PreTokensOf(const schema::PreparationT& preparation, std::string_view text);

}  // namespace pbert::test

#endif  // POCKETBERT_TESTS_TEXT_PREPARED_FIXTURE_H_
