#include "converter/intents/rasa_nlu.h"

#include <algorithm>
#include <string>
#include <system_error>
#include <utility>

#include "converter/evaluate/data_file.h"
#include "converter/evaluate/dataset.h"
#include "converter/intents/rasa_annotations.h"
#include "converter/intents/yaml_tree.h"
#include "converter/support/error.h"
#include "converter/support/nearest.h"

namespace pbert::converter {
namespace {

namespace fs = std::filesystem;

// A text among the examples and where it stands.
struct RasaExample {
  std::string_view text;
  size_t line;
};

class RasaReader {
 public:
  explicit RasaReader(Reading* reading) : reading_(*reading) {}

  void ReadItems(const YamlNode& nlu) {
    if (nlu.kind == YamlNode::Kind::kNull) return;
    if (nlu.kind != YamlNode::Kind::kList) Fail(nlu, "`nlu` is no list of `- intent: NAME` and the like");
    for (const YamlNode& item : nlu.items) ReadItem(item);
  }

 private:
  [[noreturn]] void Fail(const YamlNode& node, const std::string& why) const {
    throw Error(reading_.At(node.line) + why);
  }

  void ReadItem(const YamlNode& item) {
    if (item.Find("intent") != nullptr) return ReadIntent(item);
    if (item.Find("synonym") != nullptr) return ReadSynonym(item);
    if (item.Find("regex") != nullptr) return reading_.LeaveOut("regex", "regexes");
    if (item.Find("lookup") != nullptr) return reading_.LeaveOut("lookup table", "lookup tables");
    std::string meant;
    for (const std::string& key : item.keys) {
      if (meant.empty()) meant = DidYouMean(key, {"intent", "synonym", "regex", "lookup"});
    }
    Fail(item, "an item of `nlu` is an intent, a synonym, a regex or a lookup, by the key of this name" + meant);
  }

  void ReadIntent(const YamlNode& item) {
    const std::string name = NameOf(item, "intent");
    if (item.Find("metadata") != nullptr) LeaveOutMetadata();
    const std::vector<RasaExample> examples = Examples(item);
    if (examples.empty()) reading_.LeaveOut("intent without examples", "intents without examples");
    for (const RasaExample& example : examples) {
      AnnotatedExample annotated = ReadAnnotations(WithoutBlanks(example.text), reading_.At(example.line));
      for (size_t i = 0; i < annotated.groups; ++i) reading_.LeaveOut("entity's group", "entities' groups");
      const Sentence& sentence = annotated.sentence;
      for (const SlotSpan& slot : sentence.slots) {
        if (slot.value.empty()) continue;
        reading_.AddSynonym("", sentence.text.substr(slot.begin, slot.end - slot.begin), slot.value,
                            SynonymTable::Rank::kAnnotated);
      }
      annotated.sentence.intent = name;
      reading_.Add(example.line, std::move(annotated.sentence));
    }
  }

  void ReadSynonym(const YamlNode& item) {
    const std::string value = NameOf(item, "synonym");
    for (const RasaExample& example : Examples(item)) {
      const std::string_view text = WithoutBlanks(example.text);
      if (text.empty()) throw Error(reading_.At(example.line) + "an example of the synonym `" + value + "` is blank");
      reading_.AddSynonym("", std::string(text), value);
    }
  }

  std::string NameOf(const YamlNode& item, const char* key) const {
    const YamlNode& name = *item.Find(key);
    if (name.kind == YamlNode::Kind::kNull ||
        (name.kind == YamlNode::Kind::kText && WithoutBlanks(name.text).empty())) {
      Fail(name, std::string("the ") + key + "'s name is empty");
    }
    if (name.kind != YamlNode::Kind::kText) Fail(name, std::string("`") + key + "` is no name");
    return std::string(WithoutBlanks(name.text));
  }

  // As views into the item.
  std::vector<RasaExample> Examples(const YamlNode& item) {
    const YamlNode* examples = item.Find("examples");
    if (examples == nullptr || examples->kind == YamlNode::Kind::kNull) return {};
    if (examples->kind == YamlNode::Kind::kText) return LinesOf(*examples);
    if (examples->kind != YamlNode::Kind::kList) {
      Fail(*examples, "`examples` is neither `|` with lines below that begin with `- `, nor a list");
    }
    std::vector<RasaExample> list;
    for (const YamlNode& example : examples->items) {
      if (example.kind == YamlNode::Kind::kNull) continue;  // as in Rasa
      const YamlNode* text = example.kind == YamlNode::Kind::kText ? &example : example.Find("text");
      if (text == nullptr || text->kind != YamlNode::Kind::kText) {
        Fail(example,
             "an example in a list is a text, or has one as `text` (quote what holds `: ` or begins with `[`)");
      }
      if (example.Find("metadata") != nullptr) LeaveOutMetadata();
      list.push_back({text->text, text->line + (text->style == '|' || text->style == '>')});
    }
    return list;
  }

  std::vector<RasaExample> LinesOf(const YamlNode& examples) {
    if (examples.style != '|' && examples.text.find('-', 1) != std::string::npos) {
      // The lines would be joined, in Rasa too.
      Fail(examples, "examples, a line each, begin with `examples: |`");
    }
    std::vector<RasaExample> list;
    size_t line = examples.line;
    for (const std::string_view text : TextLines(examples.text)) {
      if (examples.style == '|') ++line;
      if (text.starts_with('-')) {
        list.push_back({text.substr(1), line});
      } else if (!WithoutBlanks(text).empty()) {
        reading_.LeaveOut("line of examples that does not begin with `-`",
                          "lines of examples that do not begin with `-`");
      }
    }
    return list;
  }

  void LeaveOutMetadata() { reading_.LeaveOut("item's metadata", "items' metadata"); }

  Reading& reading_;
};

}  // namespace

bool IsYamlName(const fs::path& path) { return path.extension() == ".yml" || path.extension() == ".yaml"; }

std::vector<fs::path> YamlFiles(const fs::path& folder) {
  std::vector<fs::path> files;
  std::error_code error;
  fs::recursive_directory_iterator at(folder, fs::directory_options::skip_permission_denied, error), end;
  for (; !error && at != end; at.increment(error)) {
    const bool hidden = at->path().filename().string().starts_with('.');
    if (hidden && at->is_directory()) at.disable_recursion_pending();
    if (!hidden && IsYamlName(at->path()) && at->is_regular_file()) files.push_back(at->path());
  }
  if (error) throw Error(folder.string() + ": cannot be read: " + error.message());
  std::sort(files.begin(), files.end());
  return files;
}

void ReadRasaFile(const fs::path& path, bool alone, Reading* reading) {
  reading->StartSource(path.string());
  const YamlNode root = ParseYaml(ReadDataFile(path), path.string());
  const YamlNode* nlu = root.Find("nlu");
  if (nlu == nullptr && alone) {
    if (root.Find("utterances") != nullptr) {
      throw Error(path.string() + ": Snips NLU's YAML; make JSON of it by `snips-nlu generate-dataset LANGUAGE " +
                  path.filename().string() + " > set.json`");
    }
    throw Error(path.string() + ": a .yml file of sentences is Rasa's training data, with a list `nlu`; this has none");
  }
  if (root.kind != YamlNode::Kind::kMap) return reading->LeaveOut("file without `nlu`", "files without `nlu`");
  for (const std::string& key : root.keys) {
    if (key != "nlu" && key != "version") reading->LeaveOut("section `" + key + "`", "sections `" + key + "`");
  }
  if (nlu != nullptr) RasaReader(reading).ReadItems(*nlu);
}

}  // namespace pbert::converter
