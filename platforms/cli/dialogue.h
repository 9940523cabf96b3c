// A conversation by a flow: what has been heard goes in, what the bot says comes out.
#ifndef POCKETBERT_PLATFORMS_CLI_DIALOGUE_H_
#define POCKETBERT_PLATFORMS_CLI_DIALOGUE_H_

#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "platforms/cli/flow.h"

namespace pbert::cli {

struct HeardSlot {
  std::string entity;  // a slot's name, or a kind of EntityKinds()
  std::string text;    // as it was said
  std::string value;   // normalized; empty: the same
};

// What one line says.
struct Heard {
  std::vector<std::pair<std::string, float>> intents;  // and their scores, best first
  bool rejected = false;                               // not understood: `intents` count for nothing
  std::vector<HeardSlot> slots;                        // each fills one slot; what stands before goes first
};

// Keeps the flow by reference.
class Dialogue {
 public:
  explicit Dialogue(const Flow& flow) : flow_(flow) {}

  std::string Answer(Heard heard);

 private:
  const FlowSlot* Missing() const;
  void FillForm(const std::vector<HeardSlot>& slots);
  std::string Say(const std::string& text) const;
  std::string Continue();
  std::string End(const std::string& text);

  const Flow& flow_;
  const FlowIntent* form_ = nullptr;           // that is going on
  std::map<std::string, std::string> values_;  // of its slots
  std::optional<Heard> doubted_;               // what the last answer was a question about: the first of its intents?
};

}  // namespace pbert::cli

#endif  // POCKETBERT_PLATFORMS_CLI_DIALOGUE_H_
