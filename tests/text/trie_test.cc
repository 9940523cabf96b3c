#include "text/trie.h"

#include <doctest/doctest.h>

#include <random>
#include <set>
#include <stdexcept>
#include <string>
#include <vector>

#include "converter/tokenizer/trie_builder.h"

namespace pbert {
namespace {

using converter::TrieBuilder;

int32_t Find(const std::vector<uint32_t>& units, std::string_view key) {
  const Trie trie(units.data(), units.size());
  const Trie::State state = trie.Walk(Trie::kRoot, key);
  return state == Trie::kDead ? -1 : trie.Value(state);
}

TEST_CASE("a trie finds its keys and nothing else") {
  TrieBuilder builder;
  builder.Add("a", 0);
  builder.Add("ab", 1);
  builder.Add("abc", 0x7FFFFFFE - 1);
  builder.Add("##b", 3);
  builder.Add("\xE4\xB8\xAD", 4);
  builder.Add("\xFF[X]", 5);
  builder.Add("ab", 6);  // again: the later value counts
  const std::vector<uint32_t> units = builder.Build();
  CHECK(units.size() % TrieLayout::kBlock == 0);
  CHECK(Find(units, "a") == 0);
  CHECK(Find(units, "ab") == 6);
  CHECK(Find(units, "abc") == 0x7FFFFFFE - 1);
  CHECK(Find(units, "##b") == 3);
  CHECK(Find(units, "\xE4\xB8\xAD") == 4);
  CHECK(Find(units, "\xFF[X]") == 5);
  for (const char* absent : {"", "b", "abcd", "##", "#", "\xE4", "\xE4\xB8", "\xE4\xB8\xAE", "\xFF"}) {
    CHECK_MESSAGE(Find(units, absent) == -1, absent);
  }
  CHECK(Find(units, std::string_view("\0", 1)) == -1);
  CHECK(Find(units, std::string_view("a\0", 2)) == -1);
}

TEST_CASE("the prefix of continuation pieces is a state to walk on from") {
  TrieBuilder builder;
  builder.Add("##ing", 7);
  builder.Add("##in", 8);
  const std::vector<uint32_t> units = builder.Build();
  const Trie trie(units.data(), units.size());
  const Trie::State prefix = trie.Walk(Trie::kRoot, "##");
  REQUIRE(prefix != Trie::kDead);
  CHECK(trie.Value(prefix) == -1);
  CHECK(trie.Value(trie.Walk(prefix, "ing")) == 7);
  CHECK(trie.Value(trie.Walk(prefix, "in")) == 8);
  CHECK(trie.Walk(Trie::kDead, "in") == Trie::kDead);
}

TEST_CASE("many random keys, dense and deep") {
  std::mt19937 random(1);
  std::set<std::string> keys;
  for (int i = 0; i < 20000; ++i) {
    std::string key(1 + random() % (i % 100 == 0 ? 300 : 6), '\0');
    const unsigned letters = i % 2 == 0 ? 255 : 4;
    for (char& c : key) c = static_cast<char>(1 + random() % letters);
    keys.insert(key);
  }
  TrieBuilder builder;
  uint32_t value = 0;
  for (const std::string& key : keys) builder.Add(key, value++);
  const std::vector<uint32_t> units = builder.Build();
  CHECK(units.size() < 100000);  // as many as there are nodes, or little more
  uint32_t wrong = 0;
  value = 0;
  for (const std::string& key : keys) wrong += Find(units, key) != static_cast<int32_t>(value++);
  for (int i = 0; i < 20000; ++i) {
    std::string key(1 + random() % 4, '\0');
    for (char& c : key) c = static_cast<char>(1 + random() % 255);
    wrong += (Find(units, key) != -1) != keys.contains(key);
  }
  CHECK(wrong == 0);
}

TEST_CASE("an empty trie") {
  const std::vector<uint32_t> units = TrieBuilder().Build();
  CHECK(Find(units, "") == -1);
  for (int byte = 0; byte < 256; ++byte) CHECK(Find(units, std::string(1, static_cast<char>(byte))) == -1);
}

TEST_CASE("keys that the layout cannot hold are refused") {
  TrieBuilder builder;
  CHECK_THROWS_AS(builder.Add("", 1), std::invalid_argument);
  CHECK_THROWS_AS(builder.Add(std::string_view("a\0b", 3), 1), std::invalid_argument);
  CHECK_THROWS_AS(builder.Add("a", 0x7FFFFFFF), std::invalid_argument);
}

// Whatever the units say, walking stays inside them: ASan looks on.
TEST_CASE("hostile units") {
  std::mt19937 random(2);
  for (int round = 0; round < 2000; ++round) {
    std::vector<uint32_t> units(1 + random() % 300);
    for (uint32_t& unit : units) {
      unit = static_cast<uint32_t>(random());
      if (random() % 2 == 0) unit = (unit & 0x1FF) | static_cast<uint32_t>(random() % 512) << TrieLayout::kBaseShift;
      if (random() % 4 == 0) unit |= TrieLayout::kValueBit;
    }
    std::string key(20, '\0');
    for (char& c : key) c = static_cast<char>(random());
    const Trie trie(units.data(), units.size());
    Trie::State state = Trie::kRoot;
    for (size_t i = 0; i < key.size() && state != Trie::kDead; ++i) {
      CHECK(trie.Value(state) >= -1);
      state = trie.Step(state, static_cast<uint8_t>(key[i]));
    }
  }
}

}  // namespace
}  // namespace pbert
