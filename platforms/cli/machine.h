// What the system says about the machine it runs on.
#ifndef POCKETBERT_PLATFORMS_CLI_MACHINE_H_
#define POCKETBERT_PLATFORMS_CLI_MACHINE_H_

#include <cstdint>
#include <string>
#include <vector>

#include "base/port_cores.h"

namespace pbert::cli {

// "Raspberry Pi 5 Model B Rev 1.0", "AMD EPYC 9B45"; "unknown" where nothing tells.
std::string ProcessorName();

// Instruction sets that this processor has and this build has code for, the best first: "avx512vnni avx512 avx2
// scalar".
std::string InstructionSets();
// All that this build has code for: "avx512vnni (not on this processor), avx512, avx2 (used), scalar".
std::string InstructionSetsView();

// Of the sources that this command was built from; "unknown" outside a git checkout.
const char* BuildCommit();

// What --version prints: the version, and what tells builds and machines apart.
std::string VersionText();

// What makes inference slow here and can be seen: each a sentence, with what to do about it.
std::vector<std::string> SlowCauses();

// The cores that are worth a thread, and why: "cpu 4-7 (4 cores): capacity 1024 of 1024; the others have 325 at most".
std::string CoresView(const CoreChoice& choice);
// "0-3,6", as Linux writes it.
std::string ProcessorList(const ProcessorSet& set);

// Processors that this process may use.
int UsableProcessors();

}  // namespace pbert::cli

#endif  // POCKETBERT_PLATFORMS_CLI_MACHINE_H_
