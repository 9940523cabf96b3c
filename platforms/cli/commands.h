// The subcommands. Each takes the arguments behind its name and returns the exit status: 0 done, 1 the work failed.
// Each may throw UsageError (status 2) and Error (status 1).
#ifndef POCKETBERT_PLATFORMS_CLI_COMMANDS_H_
#define POCKETBERT_PLATFORMS_CLI_COMMANDS_H_

#include <string>
#include <vector>

namespace pbert::cli {

using Arguments = std::vector<std::string>;

int ConvertCommand(const Arguments& arguments);
int RunCommand(const Arguments& arguments);
int TokenizeCommand(const Arguments& arguments);
int InspectCommand(const Arguments& arguments);
int EvalCommand(const Arguments& arguments);
int CompareCommand(const Arguments& arguments);
int BenchCommand(const Arguments& arguments);
int DoctorCommand(const Arguments& arguments);
int ChatCommand(const Arguments& arguments);

}  // namespace pbert::cli

#endif  // POCKETBERT_PLATFORMS_CLI_COMMANDS_H_
