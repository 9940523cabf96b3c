// What `lint --json` prints.
#ifndef POCKETBERT_PLATFORMS_CLI_LINT_JSON_H_
#define POCKETBERT_PLATFORMS_CLI_LINT_JSON_H_

#include <cstddef>
#include <string>

#include "converter/intents/lint.h"
#include "platforms/cli/json_output.h"

namespace pbert::cli {

// How many are named of sentences that are repeated in their intent, and of each kind of mistake.
inline constexpr size_t kRepeatedShown = 5, kExamplesShown = 2;

// "train.csv:123", where an editor can go.
std::string PlaceOf(const converter::SentenceSet& set, size_t place);

Json LintAsJson(const converter::LintResult& result);

}  // namespace pbert::cli

#endif  // POCKETBERT_PLATFORMS_CLI_LINT_JSON_H_
