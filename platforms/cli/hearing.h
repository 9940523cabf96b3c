// What a line says, for a dialogue: intents and slots.
#ifndef POCKETBERT_PLATFORMS_CLI_HEARING_H_
#define POCKETBERT_PLATFORMS_CLI_HEARING_H_

#include <string_view>
#include <vector>

#include "converter/evaluate/model_handle.h"
#include "platforms/cli/dialogue.h"
#include "platforms/cli/flow.h"

namespace pbert::cli {

struct FoundSlot {
  HeardSlot slot;
  size_t begin, end;  // bytes of the text
};

// The flow's values and entities that need no model. `now` has the user's time.
std::vector<FoundSlot> FindSlots(const Flow& flow, std::string_view text, pbert_find_options now);

// Keeps model and flow by reference. Functions throw Error.
class Hearing {
 public:
  Hearing(const converter::ModelHandle& model, pbert_session_options options, const Flow& flow);

  Heard Hear(std::string_view text);

 private:
  std::vector<FoundSlot> Tag(const pbert_input& input, std::string_view text);

  const converter::ModelHandle& model_;
  const Flow& flow_;
  uint32_t tagging_;  // the head's number
  converter::SessionHandle session_;
};

}  // namespace pbert::cli

#endif  // POCKETBERT_PLATFORMS_CLI_HEARING_H_
