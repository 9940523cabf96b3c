#include "converter/intents/duplicates.h"

#include <algorithm>
#include <map>
#include <unordered_map>

#include "base/utf8.h"
#include "converter/intents/reading.h"
#include "text/unicode.h"

namespace pbert::converter {

std::string Folded(std::string_view text) {
  const std::string lower = LowerCase(text);
  std::string folded;
  bool gap = false;
  for (std::string_view rest = lower; !rest.empty();) {
    const Utf8Char next = DecodeUtf8(rest.data(), rest.size());
    const uint16_t flags = unicode::RecordOf(next.code_point).flags;
    const bool apostrophe = next.code_point == '\'' || next.code_point == 0x2019;
    if (flags & (unicode::kSpace | unicode::kPunctuation)) {
      gap = gap || !apostrophe;
    } else if (!(flags & unicode::kRemoved)) {
      if (gap && !folded.empty()) folded += ' ';
      gap = false;
      folded += rest.substr(0, next.length);
    }
    rest.remove_prefix(next.length);
  }
  return folded.empty() ? lower : folded;
}

Duplicates FindDuplicates(const SentenceSet& set) {
  std::unordered_map<std::string, size_t> group_of;
  std::vector<std::vector<size_t>> groups;
  for (size_t i = 0; i < set.sentences.size(); ++i) {
    const size_t group = group_of.emplace(Folded(set.sentences[i].text), groups.size()).first->second;
    if (group == groups.size()) groups.emplace_back();
    groups[group].push_back(i);
  }
  Duplicates found;
  for (const std::vector<size_t>& group : groups) {
    if (group.size() < 2) continue;
    std::map<std::string, std::vector<size_t>> by_intent;
    for (const size_t place : group) by_intent[set.sentences[place].intent].push_back(place);
    if (by_intent.size() > 1) found.across.push_back(group);
    for (const auto& [intent, places] : by_intent) {
      found.surplus += places.size() - 1;
      if (places.size() > 1) found.within.push_back(places);
    }
  }
  std::sort(found.within.begin(), found.within.end());
  return found;
}

}  // namespace pbert::converter
