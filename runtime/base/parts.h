// Which parts this build has: POCKETBERT_TOKENIZERS and POCKETBERT_TASKS in CMakeLists.txt.
//
// What is left out is never called, behind conditions that the compiler decides, and the linker drops it: so every
// build compiles the same code, and none is hidden from a compiler by #if.
#ifndef POCKETBERT_BASE_PARTS_H_
#define POCKETBERT_BASE_PARTS_H_

#include <string_view>

#include "base/status.h"

// The names of what is left out, each between commas: ",bpe,tag,".
#ifndef POCKETBERT_LEFT_OUT
#define POCKETBERT_LEFT_OUT ""
#endif

namespace pbert {

constexpr bool IsBuilt(std::string_view name_between_commas) {
  return std::string_view(POCKETBERT_LEFT_OUT).find(name_between_commas) == std::string_view::npos;
}

inline constexpr bool kHasWordPiece = IsBuilt(",wordpiece,"), kHasBytePairs = IsBuilt(",bpe,"),
                      kHasUnigram = IsBuilt(",unigram,");

inline constexpr bool kHasClassify = IsBuilt(",classify,"), kHasTag = IsBuilt(",tag,"),
                      kHasAnswer = IsBuilt(",answer,"), kHasEmbed = IsBuilt(",embed,"),
                      kHasFillMask = IsBuilt(",fill_mask,"), kHasZeroShot = IsBuilt(",zero_shot,"),
                      kHasRerank = IsBuilt(",rerank,");

inline Status NoSuchTaskBuilt(const char* task) {
  return Status::Error(Code::kUnsupported, "%s: this build has no pbert_%s (POCKETBERT_TASKS)", task, task);
}

}  // namespace pbert

#endif  // POCKETBERT_BASE_PARTS_H_
