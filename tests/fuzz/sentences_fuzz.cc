// Sentences as `build` reads them. The first byte chooses the kind of file.

#include <algorithm>
#include <string>
#include <string_view>

#include "base/utf8.h"
#include "converter/intents/sentences.h"
#include "converter/support/error.h"
#include "tests/fuzz/check.h"
#include "tests/fuzz/temporary_folder.h"

namespace pbert::fuzz {
namespace {

enum Kind { kRasa, kSnips, kTags, kTexts, kKinds };

// Returns the SENTENCES argument. Of a folder the second file is behind a NUL.
std::string WriteSentences(int kind, std::string_view text) {
  if (kind == kRasa) return WriteTemporary("nlu.yml", text).string();
  if (kind == kSnips) return WriteTemporary("set.json", text).string();
  const size_t cut = std::min(text.find('\0'), text.size());
  const std::string_view first = text.substr(0, cut), second = cut < text.size() ? text.substr(cut + 1) : "";
  if (kind == kTags) {
    WriteTemporary("tags/seq.in", first);
    WriteTemporary("tags/seq.out", second);
    std::string labels;
    for (const char c : first) labels += c == '\n' ? std::string(labels.empty() ? "a\n" : "b\n") : "";
    WriteTemporary("tags/label", labels + "c");
    return (TemporaryFolder() / "tags").string();
  }
  WriteTemporary("texts/a.txt", first);
  WriteTemporary("texts/b.txt", second);
  return (TemporaryFolder() / "texts").string();
}

void CheckSet(const converter::SentenceSet& set) {
  FUZZ_CHECK(!set.sentences.empty());
  for (const converter::Sentence& sentence : set.sentences) {
    FUZZ_CHECK(!sentence.text.empty() && !sentence.intent.empty() && sentence.line > 0);
    FUZZ_CHECK(sentence.source < set.sources.size());
    size_t end = 0;
    for (const converter::SlotSpan& slot : sentence.slots) {
      FUZZ_CHECK(slot.begin >= end && slot.end > slot.begin && slot.end <= sentence.text.size());
      FUZZ_CHECK(!slot.entity.empty());
      FUZZ_CHECK(IsUtf8(std::string_view(sentence.text).substr(slot.begin, slot.end - slot.begin)));
      end = slot.end;
    }
  }
  for (const converter::Synonym& synonym : set.synonyms) FUZZ_CHECK(!synonym.texts.empty());
}

}  // namespace
}  // namespace pbert::fuzz

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace pbert::fuzz;
  if (size < 1) return -1;
  const std::string argument = WriteSentences(data[0] % kKinds, {reinterpret_cast<const char*>(data) + 1, size - 1});
  try {
    CheckSet(pbert::converter::ReadSentences(argument));
  } catch (const pbert::converter::Error& error) {
    FUZZ_CHECK(*error.what() != 0);
  }
  return 0;
}
