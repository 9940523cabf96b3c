// Texts through tokenizers of every kind. The first four bytes choose a tokenizer, the most tokens, whether there is a
// pair (behind the byte 0x1E), and how often the text is repeated; the text follows.

#include <algorithm>
#include <cstring>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/arena.h"
#include "tests/fuzz/check.h"
#include "tests/fuzz/exact_copy.h"
#include "tests/fuzz/random_tokenizer.h"
#include "text/encoding.h"
#include "text/tokenizer.h"

namespace pbert::fuzz {
namespace {

constexpr size_t kTokenizers = 200;
constexpr size_t kShort = 80, kLong = 4096;  // tokens

struct Opened {
  std::unique_ptr<schema::TokenizerT> table;
  flatbuffers::FlatBufferBuilder builder;
  Tokenizer tokenizer;
  std::unique_ptr<uint8_t[]> memory;
  TokenizerScratch scratch;
  Encoding few, many;

  void Take(Arena* arena) {
    scratch = TokenizerScratch::Take(tokenizer, arena);
    few = Encoding::Take(arena, kShort);
    many = Encoding::Take(arena, kLong);
  }
};

std::vector<std::unique_ptr<Opened>> OpenAll() {
  std::vector<std::unique_ptr<Opened>> all;
  for (uint32_t seed = 0; all.size() < kTokenizers; ++seed) {
    auto t = std::make_unique<Opened>();
    Chance chance(seed);
    t->table = MakeRandomTokenizer(&chance, false).table;
    t->builder.Finish(schema::Tokenizer::Pack(t->builder, t->table.get()));
    const auto& table = *flatbuffers::GetRoot<schema::Tokenizer>(t->builder.GetBufferPointer());
    if (!Tokenizer::Open(table, &t->tokenizer).ok()) continue;
    Arena counting;
    TokenizerScratch::Take(t->tokenizer, &counting);
    Encoding::Take(&counting, kShort);
    Encoding::Take(&counting, kLong);
    t->memory.reset(new uint8_t[counting.Needed()]);
    memset(t->memory.get(), 0xA5, counting.Needed());
    Arena arena(t->memory.get(), counting.Needed());
    t->Take(&arena);
    FUZZ_CHECK(!arena.overflowed());
    all.push_back(std::move(t));
  }
  return all;
}

// Each token is in the vocabulary and in the text; there is an end of them.
std::vector<Token> AllTokens(Opened* t, std::string_view text) {
  std::vector<Token> tokens;
  TokenStream& stream = t->scratch.Begin(text);
  for (Token token; stream.Next(&token);) {
    FUZZ_CHECK(token.id >= 0 && static_cast<uint32_t>(token.id) < t->tokenizer.vocabulary_size());
    FUZZ_CHECK(token.begin <= token.end && token.end <= text.size());
    tokens.push_back(token);
    FUZZ_CHECK(tokens.size() < 400 * text.size() + 1000);
  }
  Token none;
  FUZZ_CHECK(!stream.Next(&none));
  return tokens;
}

// What is encoded are the stream's tokens: the first of each text, or the last where a text is cut at its beginning.
void CheckEncoding(const Opened& t, const Encoding& e, const std::vector<Token> (&tokens)[2], bool has_pair) {
  size_t counts[2] = {0, 0};
  for (size_t i = 0; i < e.size; ++i) counts[1] += e.sources[i] == TokenSource::kSecond;
  for (size_t i = 0; i < e.size; ++i) counts[0] += e.sources[i] == TokenSource::kFirst;
  size_t next[2] = {0, 0};
  for (int k = 0; k < 2; ++k) {
    FUZZ_CHECK(counts[k] <= tokens[k].size());
    if (t.table->truncate_left) next[k] = tokens[k].size() - counts[k];
  }
  for (size_t i = 0; i < e.size; ++i) {
    if (e.sources[i] == TokenSource::kSpecial) continue;
    const int k = e.sources[i] == TokenSource::kSecond;
    const Token& want = tokens[k][next[k]++];
    FUZZ_CHECK(e.ids[i] == want.id && e.begins[i] == want.begin && e.ends[i] == want.end);
  }
  const bool whole = counts[0] == tokens[0].size() && (!has_pair || counts[1] == tokens[1].size());
  FUZZ_CHECK(e.truncated == !whole);
}

void CheckOffsets(std::string_view text, uint32_t seed) {
  OffsetCursor cursor(text);
  for (uint32_t i = 0; i < 8; ++i) {
    const auto at = static_cast<uint32_t>((i * 7919u + seed * 31u) % (text.size() + 3));
    const OffsetCursor::Position p = cursor.At(at);
    FUZZ_CHECK(p.bytes <= at && p.bytes <= text.size());
    FUZZ_CHECK(p.code_points <= p.utf16_units && p.utf16_units <= p.bytes);
  }
}

}  // namespace
}  // namespace pbert::fuzz

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace pbert::fuzz;
  static const std::vector<std::unique_ptr<Opened>> all = OpenAll();
  if (size < 4) return -1;
  Opened& t = *all[data[0] % all.size()];
  const size_t limit = data[1] % (kShort + 1);
  const bool has_pair = data[2] & 1;
  const uint32_t repeat = data[2] & 2 ? 1 + data[3] : 1;
  const std::string given(reinterpret_cast<const char*>(data) + 4, size - 4);
  const size_t cut = has_pair ? std::min(given.find('\x1E'), given.size()) : given.size();
  const size_t most = data[2] & 4 ? 20000 : 1000;
  std::string repeated;
  for (uint32_t i = 0; i < repeat && repeated.size() < most; ++i) repeated += given.substr(0, cut);
  const ExactCopy text(repeated), pair(cut < given.size() ? given.substr(cut + 1) : "");

  const uint64_t before = t.scratch.steps();
  const std::vector<pbert::Token> tokens[2] = {AllTokens(&t, text), AllTokens(&t, pair)};
  // Linear in the text, with what tests/text/work_test.cc allows for a byte and what a normalizer may add.
  FUZZ_CHECK(t.scratch.steps() - before <= 100000 * (text.size() + pair.size()) + 1000000);
  for (pbert::Encoding* e : {&t.few, &t.many}) {
    const size_t room = e == &t.few ? limit : kLong;
    const pbert::Status status = Encode(t.tokenizer, text, pair, has_pair, room, &t.scratch, e);
    FUZZ_CHECK(status.ok() || room < 32);  // the frame alone may be too long
    if (!status.ok()) continue;
    FUZZ_CHECK(e->size <= room);
    CheckEncoding(t, *e, tokens, has_pair);
  }
  CheckOffsets(text, data[3]);
  return 0;
}
