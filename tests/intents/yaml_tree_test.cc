#include "converter/intents/yaml_tree.h"

#include <doctest/doctest.h>

#include "tests/intents/sentence_files.h"

namespace pbert::converter {
namespace {

TEST_CASE("YAML: lines, styles, keys and aliases") {
  const YamlNode root = ParseYaml("a: !t &x |\n  one\n\n  two\nb:\nc: *x\nd: [1, 'q', {e: f}]\n", "here");
  REQUIRE((root.kind == YamlNode::Kind::kMap && root.keys == Strings{"a", "b", "c", "d"}));
  const YamlNode& a = *root.Find("a");
  CHECK((a.kind == YamlNode::Kind::kText && a.style == '|' && a.line == 1 && a.text == "one\n\ntwo\n"));
  CHECK((root.Find("b")->kind == YamlNode::Kind::kNull && root.Find("b")->line == 5));
  CHECK((root.Find("c")->text == a.text && root.Find("c")->line == 1));
  const YamlNode& d = *root.Find("d");
  REQUIRE(d.items.size() == 3);
  CHECK((d.items[0].text == "1" && d.items[1].style == '\'' && d.items[1].line == 7));
  CHECK((root.Find("e") == nullptr && d.Find("a") == nullptr));
  CHECK(ParseYaml("", "here").kind == YamlNode::Kind::kNull);
}

TEST_CASE("YAML: what asks for much") {
  const auto nested = [](const std::string& open, size_t times) {
    std::string text = "nlu: ";
    for (size_t i = 0; i < times; ++i) text += open;
    return text;
  };
  CHECK(Holds(ErrorFrom("a.yml", nested("[", 100000)), "a.yml: line 1: "));
  CHECK(Holds(ErrorFrom("a.yml", nested("[", 100) + std::string(100, ']') + "\n"), "nested too deep"));
  CHECK(Holds(ErrorFrom("a.yml", nested("[", 60) + std::string(60, ']') + "\n"), "line 1: an item of `nlu`"));
  CHECK(Holds(ErrorFrom("a.yml", nested("{a: ", 100000)), "nested too deep"));
  CHECK(Holds(ErrorFrom("a.yml", "nlu:\n" + nested("- ", 100000).substr(5)), "nested too deep"));
  CHECK(Holds(ErrorFrom("a.yml", nested("? ", 100000)), "a.yml: line "));
  // A billion laughs: aliases of lists are not followed.
  std::string laughs = "a0: &a0 [lol]\n";
  for (int i = 1; i < 30; ++i) {
    const std::string before = "*a" + std::to_string(i - 1);
    laughs +=
        "a" + std::to_string(i) + ": &a" + std::to_string(i) + " [" + before + "," + before + "," + before + "]\n";
  }
  CHECK(Holds(ErrorFrom("a.yml", laughs + "nlu: *a29\n"), "line 31: `nlu` is no list"));
  // Of texts they are, up to a bound.
  std::string texts = "a: &a " + std::string(1 << 16, 'x') + "\nb: [";
  for (int i = 0; i < 300; ++i) texts += "*a,";
  CHECK(Holds(ErrorFrom("a.yml", texts + "]\n"), "repeat too much"));
  CHECK(Holds(ErrorFrom("a.yml", "nlu: [" + std::string(5 << 20, ',') + "]\n"), "a.yml: line 1: "));
}

}  // namespace
}  // namespace pbert::converter
