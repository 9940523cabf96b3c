// A flow: what a bot answers to each intent, and what it asks for first. Read from YAML; platforms/demo/cafe/README.md
// describes the format.
#ifndef POCKETBERT_PLATFORMS_CLI_FLOW_H_
#define POCKETBERT_PLATFORMS_CLI_FLOW_H_

#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace pbert::cli {

struct FlowSlot {
  std::string name;
  std::string kind;                                         // of the entities that fill it; empty: none
  std::vector<std::pair<std::string, std::string>> values;  // spelling in lower case, value
  std::string ask, default_value;                           // one of the two is empty
};

struct FlowIntent {
  std::string name, shown;  // `shown` in a question
  std::vector<FlowSlot> form;
  std::string confirm, say, cancelled;
  bool cancels = false;
};

struct Flow {
  std::string fallback, clarify;
  std::vector<FlowIntent> intents;

  const FlowIntent* Find(std::string_view name) const;
};

// `intents` are the bot's. Throws Error, which begins with `where` and names the line.
Flow ReadFlow(std::string_view yaml, const std::string& where, const std::vector<std::string>& intents);

// Names of entities that need no model, in the order of pbert_entity_kind.
const std::vector<std::string>& EntityKinds();

// The text with value(name) for each {name}.
std::string FillIn(std::string_view text, const std::function<std::string(const std::string& name)>& value);

std::string LowerCase(std::string_view text);  // of ASCII letters

}  // namespace pbert::cli

#endif  // POCKETBERT_PLATFORMS_CLI_FLOW_H_
