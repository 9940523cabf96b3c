#include "converter/intents/yaml_tree.h"

#ifdef POCKETBERT_HAVE_YAML
#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/yaml.h>
#endif

#include <algorithm>
#include <sstream>
#include <unordered_map>
#include <utility>

#include "converter/evaluate/dataset.h"
#include "converter/support/error.h"

namespace pbert::converter {

const YamlNode* YamlNode::Find(std::string_view key) const {
  const auto found = std::find(keys.begin(), keys.end(), key);
  return kind != Kind::kMap || found == keys.end() ? nullptr : &items[static_cast<size_t>(found - keys.begin())];
}

#ifdef POCKETBERT_HAVE_YAML

namespace {

constexpr size_t kDeepestYaml = 64;
constexpr size_t kMaxYamlValues = size_t{1} << 21;
constexpr size_t kLargestYaml = size_t{64} << 20;
constexpr size_t kMaxRepeated = size_t{16} << 20;

class YamlTreeBuilder : public YAML::EventHandler {
 public:
  YamlTreeBuilder(const std::vector<std::string_view>& lines, const std::string& where)
      : lines_(lines), where_(where) {}

  YamlNode Take() { return std::move(root_); }

  [[noreturn]] void Fail(const YAML::Mark& mark, const std::string& why) const {
    if (mark.is_null()) throw Error(where_ + ": " + why);
    throw Error(where_ + ": line " + std::to_string(LineAt(mark)) + ": " + why);
  }

  void OnDocumentStart(const YAML::Mark& mark) override {
    if (std::exchange(started_, true)) {
      Fail(mark,
           "a second document begins (`---`), and Rasa's files have one; make JSON of Snips NLU's YAML by `snips-nlu "
           "generate-dataset LANGUAGE FILE > set.json`");
    }
  }
  void OnDocumentEnd() override {}

  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    if (ExpectsKey()) return AddKey(mark, "");
    YamlNode node = Begin(YamlNode::Kind::kNull, mark);
    // It is marked where the next thing begins.
    if (!open_.empty() && open_.back().kind == YamlNode::Kind::kMap) node.line = key_line_;
    Keep(anchor, node);
    Place(std::move(node));
  }

  void OnScalar(const YAML::Mark& mark, const std::string&, YAML::anchor_t anchor, const std::string& value) override {
    YamlNode node = Begin(YamlNode::Kind::kText, mark);
    node.style = StyleAt(mark);
    node.text = value;
    Keep(anchor, node);
    if (ExpectsKey()) return AddKey(mark, value);
    Place(std::move(node));
  }

  void OnAlias(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    YamlNode node = Begin(YamlNode::Kind::kAlias, mark);
    if (const auto found = anchored_.find(anchor); found != anchored_.end()) {
      repeated_ += found->second.text.size();
      if (repeated_ > kMaxRepeated) Fail(mark, "aliases (`*name`) repeat too much text");
      node = found->second;
    }
    if (ExpectsKey()) return AddKey(mark, node.text);
    Place(std::move(node));
  }

  void OnSequenceStart(const YAML::Mark& mark, const std::string&, YAML::anchor_t, YAML::EmitterStyle::value) override {
    Open(YamlNode::Kind::kList, mark);
  }
  void OnSequenceEnd() override { Close(); }
  void OnMapStart(const YAML::Mark& mark, const std::string&, YAML::anchor_t, YAML::EmitterStyle::value) override {
    Open(YamlNode::Kind::kMap, mark);
  }
  void OnMapEnd() override { Close(); }

 private:
  static size_t LineAt(const YAML::Mark& mark) { return static_cast<size_t>(mark.line) + 1; }

  YamlNode Begin(YamlNode::Kind kind, const YAML::Mark& mark) {
    if (++values_ > kMaxYamlValues) Fail(mark, "too many values for training data");
    YamlNode node;
    node.kind = kind;
    node.line = LineAt(mark);
    return node;
  }

  // The character with which a text begins, behind its anchor and tag.
  char StyleAt(const YAML::Mark& mark) const {
    if (mark.is_null() || static_cast<size_t>(mark.line) >= lines_.size()) return 0;
    std::string_view line = lines_[static_cast<size_t>(mark.line)];
    line.remove_prefix(std::min(static_cast<size_t>(mark.column), line.size()));
    while (line.starts_with('&') || line.starts_with('!')) {
      line.remove_prefix(std::min(line.find(' '), line.size()));
      line.remove_prefix(std::min(line.find_first_not_of(' '), line.size()));
    }
    return line.empty() ? 0 : line[0];
  }

  void Keep(YAML::anchor_t anchor, const YamlNode& node) {
    if (anchor != YAML::NullAnchor) anchored_[anchor] = node;
  }

  bool ExpectsKey() const {
    return !open_.empty() && open_.back().kind == YamlNode::Kind::kMap &&
           open_.back().keys.size() == open_.back().items.size();
  }

  void AddKey(const YAML::Mark& mark, const std::string& key) {
    if (key.empty()) Fail(mark, "a key is empty");
    open_.back().keys.push_back(key);
    key_line_ = LineAt(mark);
    open_.back().key_lines.push_back(key_line_);
  }

  void Open(YamlNode::Kind kind, const YAML::Mark& mark) {
    if (ExpectsKey()) Fail(mark, "a key is a list or a map (is a text that begins with `[` or `{` not quoted?)");
    if (open_.size() == kDeepestYaml) Fail(mark, "nested too deep");
    open_.push_back(Begin(kind, mark));
  }

  void Close() {
    YamlNode node = std::move(open_.back());
    open_.pop_back();
    RequireUniqueKeys(node);
    Place(std::move(node));
  }

  void RequireUniqueKeys(const YamlNode& map) const {
    std::vector<std::string_view> keys(map.keys.begin(), map.keys.end());
    std::sort(keys.begin(), keys.end());
    const auto twice = std::adjacent_find(keys.begin(), keys.end());
    if (twice == keys.end()) return;
    throw Error(where_ + ": line " + std::to_string(map.line) + ": the key `" + std::string(*twice) +
                "` is there twice in what begins here");
  }

  void Place(YamlNode node) {
    if (open_.empty()) {
      root_ = std::move(node);
    } else {
      open_.back().items.push_back(std::move(node));
    }
  }

  const std::vector<std::string_view>& lines_;
  const std::string& where_;
  YamlNode root_;
  std::vector<YamlNode> open_;
  std::unordered_map<YAML::anchor_t, YamlNode> anchored_;
  size_t values_ = 0, repeated_ = 0, key_line_ = 0;
  bool started_ = false;
};

}  // namespace

YamlNode ParseYaml(std::string_view text, const std::string& where) {
  if (text.size() > kLargestYaml) throw Error(where + ": larger than 64 MiB: split it into several files");
  const std::vector<std::string_view> lines = TextLines(text);
  std::string unified;  // yaml-cpp counts bytes and lines of this
  for (size_t i = 0; i < lines.size(); ++i) {
    // YAML allows none, and yaml-cpp ends at U+0004.
    const auto control = std::find_if(lines[i].begin(), lines[i].end(),
                                      [](unsigned char c) { return (c < ' ' && c != '\t') || c == 0x7F; });
    if (control != lines[i].end()) {
      throw Error(where + ": line " + std::to_string(i + 1) + ": a control character, which YAML does not allow");
    }
    unified.append(lines[i]).push_back('\n');
  }
  // Where a line ends there, yaml-cpp takes the end of the file for that of an open quotation.
  unified.resize(std::min(unified.find_last_not_of(" \t\n") + 1, unified.size()));
  YamlTreeBuilder builder(lines, where);
  std::istringstream stream(std::move(unified));
  try {
    YAML::Parser parser(stream);
    while (parser.HandleNextDocument(builder)) {
    }
  } catch (const YAML::Exception& error) {
    builder.Fail(error.mark, "not YAML: " + error.msg);
  }
  return builder.Take();
}

#else

YamlNode ParseYaml(std::string_view, const std::string& where) {
  throw Error(where + ": this build cannot read YAML (it was made without yaml-cpp); give it the sentences as .csv");
}

#endif

}  // namespace pbert::converter
