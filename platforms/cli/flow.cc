#include "platforms/cli/flow.h"

#include <algorithm>

#include "base/ascii.h"
#include "converter/intents/yaml_tree.h"
#include "converter/support/error.h"
#include "converter/support/nearest.h"

namespace pbert::cli {
namespace {

using converter::YamlNode;
using Kind = YamlNode::Kind;

class FlowReader {
 public:
  explicit FlowReader(const std::string& where) : where_(where) {}

  Flow Read(const YamlNode& root, const std::vector<std::string>& bot_intents) const {
    Expect(root, Kind::kMap, "the flow", {"language", "fallback", "clarify", "names", "intents"});
    if (const std::string language = Text(root, "language"); !language.empty() && language != "en") {
      Fail(*root.Find("language"), "`language` is `en`: entities are found in English only");
    }
    Flow flow{Said(root, "fallback", {}), Said(root, "clarify", {"first", "second"}), {}};
    if (flow.fallback.empty()) Fail(root, "`fallback` is missing: what is said when nothing was understood");
    const YamlNode* const intents = root.Find("intents");
    if (intents == nullptr) Fail(root, "`intents` is missing");
    Expect(*intents, Kind::kMap, "`intents`", bot_intents);
    for (size_t i = 0; i < intents->keys.size(); ++i)
      flow.intents.push_back(Intent(intents->keys[i], intents->items[i]));
    if (const YamlNode* const names = root.Find("names")) {
      Expect(*names, Kind::kMap, "`names`", intents->keys);
      for (FlowIntent& intent : flow.intents) {
        if (names->Find(intent.name) != nullptr) intent.shown = Text(*names, intent.name);
      }
    }
    return flow;
  }

 private:
  [[noreturn]] void Fail(const YamlNode& node, const std::string& why) const { FailAt(node.line, why); }
  [[noreturn]] void FailAt(size_t line, const std::string& why) const {
    throw converter::Error(where_ + ": line " + std::to_string(line) + ": " + why);
  }

  // A list, or a map that has no other keys than these.
  void Expect(const YamlNode& node, Kind kind, const std::string& what, const std::vector<std::string>& known) const {
    if (node.kind != kind) Fail(node, what + " should be a " + (kind == Kind::kMap ? "map" : "list"));
    for (size_t i = 0; i < node.keys.size(); ++i)
      RequireKnown(node.key_lines[i], node.keys[i], known, "key of " + what);
  }

  void RequireKnown(size_t line, const std::string& name, const std::vector<std::string>& known,
                    const std::string& what) const {
    if (std::find(known.begin(), known.end(), name) != known.end()) return;
    std::string list;
    for (const std::string& one : known) list += (list.empty() ? "" : ", ") + one;
    const std::string nearest = converter::DidYouMean(name, known);
    FailAt(line, "`" + name + "` is no " + what + (nearest.empty() ? "; there are: " + list : nearest));
  }

  // "" where the key is missing.
  std::string Text(const YamlNode& map, const std::string& key) const {
    const YamlNode* const node = map.Find(key);
    if (node == nullptr) return "";
    if (node->kind != Kind::kText || node->text.empty()) Fail(*node, "`" + key + "` should be a text");
    return node->text;
  }

  // A text that names only these in braces.
  std::string Said(const YamlNode& map, const std::string& key, const std::vector<std::string>& known) const {
    const std::string text = Text(map, key);
    FillIn(text, [&](const std::string& name) {
      RequireKnown(map.Find(key)->line, name, known, "slot that has a value when `" + key + "` is said");
      return "";
    });
    return text;
  }

  FlowSlot Slot(const YamlNode& node, const std::vector<std::string>& before) const {
    Expect(node, Kind::kMap, "a slot", {"slot", "entity", "values", "ask", "default"});
    FlowSlot slot{Text(node, "slot"), Text(node, "entity"), {}, Said(node, "ask", before), Text(node, "default")};
    if (slot.name.empty()) Fail(node, "`slot`, its name, is missing");
    if (std::find(before.begin(), before.end(), slot.name) != before.end()) Fail(node, "this slot is there twice");
    if (slot.ask.empty() == slot.default_value.empty()) Fail(node, "a slot has either `ask` or `default`");
    if (!slot.kind.empty()) RequireKnown(node.Find("entity")->line, slot.kind, EntityKinds(), "kind of entity");
    const YamlNode* const values = node.Find("values");
    if (values == nullptr) return slot;
    Expect(*values, Kind::kMap, "`values`", values->keys);
    for (size_t i = 0; i < values->keys.size(); ++i) {
      slot.values.emplace_back(LowerCase(values->keys[i]), values->keys[i]);
      Expect(values->items[i], Kind::kList, "a value's other spellings", {});
      for (const YamlNode& spelling : values->items[i].items) {
        if (spelling.kind != Kind::kText || spelling.text.empty()) Fail(spelling, "a spelling should be a text");
        slot.values.emplace_back(LowerCase(spelling.text), values->keys[i]);
      }
    }
    return slot;
  }

  FlowIntent Intent(const std::string& name, const YamlNode& node) const {
    Expect(node, Kind::kMap, "an intent", {"form", "confirm", "say", "cancelled", "cancels"});
    FlowIntent intent{name, name, {}, "", "", "", false};
    std::vector<std::string> slots;
    if (const YamlNode* const form = node.Find("form")) {
      Expect(*form, Kind::kList, "`form`", {});
      for (const YamlNode& slot : form->items) {
        intent.form.push_back(Slot(slot, slots));
        slots.push_back(intent.form.back().name);
      }
      intent.cancelled = Said(node, "cancelled", {});
      if (intent.cancelled.empty()) Fail(node, "`cancelled` is missing, which a form needs");
    }
    for (const char* key : {"confirm", "cancelled"}) {
      if (slots.empty() && node.Find(key) != nullptr)
        Fail(*node.Find(key), std::string("`") + key + "` needs a `form`");
    }
    intent.confirm = Said(node, "confirm", slots);
    intent.say = Said(node, "say", slots);
    if (intent.say.empty()) Fail(node, "`say` is missing");
    const std::string cancels = Text(node, "cancels");
    if (!cancels.empty() && cancels != "true") Fail(*node.Find("cancels"), "`cancels` is `true` or left out");
    intent.cancels = !cancels.empty();
    return intent;
  }

  const std::string& where_;
};

}  // namespace

const FlowIntent* Flow::Find(std::string_view name) const {
  const auto found = std::find_if(intents.begin(), intents.end(), [&](const auto& each) { return each.name == name; });
  return found == intents.end() ? nullptr : &*found;
}

Flow ReadFlow(std::string_view yaml, const std::string& where, const std::vector<std::string>& intents) {
  return FlowReader(where).Read(converter::ParseYaml(yaml, where), intents);
}

const std::vector<std::string>& EntityKinds() {
  static const std::vector<std::string> kinds = {"number",   "ordinal", "date",  "time", "date_time",
                                                 "duration", "money",   "email", "url",  "phone"};
  return kinds;
}

std::string FillIn(std::string_view text, const std::function<std::string(const std::string& name)>& value) {
  std::string filled;
  for (;;) {
    const size_t open = text.find('{'), close = text.find('}', std::min(open, text.size()));
    filled += text.substr(0, close == std::string_view::npos ? close : open);
    if (close == std::string_view::npos) return filled;
    filled += value(std::string(text.substr(open + 1, close - open - 1)));
    text.remove_prefix(close + 1);
  }
}

std::string LowerCase(std::string_view text) {
  std::string lower(text);
  for (char& c : lower) c = LowerAscii(c);
  return lower;
}

}  // namespace pbert::cli
