// Opens bytes as a model through the C interface, asks it everything, and checks what the header promises.
#ifndef POCKETBERT_TESTS_FUZZ_ASK_EVERYTHING_H_
#define POCKETBERT_TESTS_FUZZ_ASK_EVERYTHING_H_

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "pocketbert/pocketbert.h"
#include "tests/fuzz/chance.h"

namespace pbert::fuzz {

// Models and sessions that need more memory than this are left alone: many are made in a second.
inline constexpr size_t kMaxMemory = size_t{16} << 20;

// A model may open or not; then labels, pieces, tokens, and the model's own task in sessions of several backends, on
// texts of ours and `more_texts`. `seed` chooses options and which texts.
void AskEverything(std::span<const uint8_t> file, uint32_t seed, const std::vector<std::string>& more_texts);

// The last failure has a reason.
void CheckError();
// Asks `session` for the task of `info` with options by chance. `pair` may be null.
void AskTask(pbert_session* session, const pbert_model_info& info, const std::string& text, const std::string* pair,
             Chance* chance);

}  // namespace pbert::fuzz

#endif  // POCKETBERT_TESTS_FUZZ_ASK_EVERYTHING_H_
