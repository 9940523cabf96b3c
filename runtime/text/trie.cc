#include "text/trie.h"

namespace pbert {

Trie::State Trie::Walk(State state, std::string_view bytes) const {
  for (char byte : bytes) {
    if (state == kDead) break;
    state = Step(state, static_cast<uint8_t>(byte));
  }
  return state;
}

}  // namespace pbert
