// Builds the double-array trie of a tokenizer; runtime/text/trie.h describes it.
#ifndef POCKETBERT_CONVERTER_TOKENIZER_TRIE_BUILDER_H_
#define POCKETBERT_CONVERTER_TOKENIZER_TRIE_BUILDER_H_

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "schema/model_generated.h"

namespace pbert::converter {

// Byte strings and their values. One thread at a time. Memory: the keys, 256 units (1 KiB) for each of their bytes at
// the very most, and never more than the layout's kMaxUnits.
class TrieBuilder {
 public:
  // A key that comes again takes the later value. Keys are not empty and hold no NUL byte; values are below 2^31 - 1.
  void Add(std::string_view key, uint32_t value);
  bool Contains(std::string_view key) const { return values_.find(key) != values_.end(); }
  // The units. Throws std::length_error when the layout cannot hold so many.
  std::vector<uint32_t> Build() const;

 private:
  std::map<std::string, uint32_t, std::less<>> values_;
};

// The trie of a tokenizer table: of its pieces and its added tokens, for whose normalized contents the normalizer's
// flags count. So fill everything else in the table first: `table.trie = BuildTrie(table)`.
std::vector<uint32_t> BuildTrie(const schema::TokenizerT& table);

}  // namespace pbert::converter

#endif  // POCKETBERT_CONVERTER_TOKENIZER_TRIE_BUILDER_H_
