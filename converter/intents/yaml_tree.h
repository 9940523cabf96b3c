// A YAML document as a tree. The one place that knows yaml-cpp, of which only the stream of events is used: it makes no
// tree of its own, so that what a file can ask for is bounded here.
//
// Refused are nesting deeper than 64, more than 2^21 values, files above 64 MiB, and aliases that repeat more than
// 16 MiB. Memory: the text twice, and some 180 bytes for each value.
#ifndef POCKETBERT_CONVERTER_INTENTS_YAML_TREE_H_
#define POCKETBERT_CONVERTER_INTENTS_YAML_TREE_H_

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace pbert::converter {

struct YamlNode {
  // kAlias: of a list or a map, which is not followed.
  enum class Kind { kNull, kText, kList, kMap, kAlias };

  // The value of a key of a map, or null.
  const YamlNode* Find(std::string_view key) const;

  Kind kind = Kind::kNull;
  char style = 0;   // of a text: its mark `|`, `>`, `"` or `'`, or something else where it has none
  size_t line = 0;  // where it begins, from 1; a text in style `|` begins in the line below
  std::string text;
  std::vector<std::string> keys;  // of a map, as many as items
  std::vector<size_t> key_lines;  // of each
  std::vector<YamlNode> items;
};

// The only document of a text; one without a value is null. Throws Error, whose text begins with `where`.
YamlNode ParseYaml(std::string_view text, const std::string& where);

}  // namespace pbert::converter

#endif  // POCKETBERT_CONVERTER_INTENTS_YAML_TREE_H_
