// The subcommands. Each declares its flags, parses the arguments and returns the exit status: 0 done, 1 the work
// failed. Each may throw UsageError (status 2) and Error (status 1).
#ifndef POCKETBERT_PLATFORMS_CLI_COMMANDS_H_
#define POCKETBERT_PLATFORMS_CLI_COMMANDS_H_

#include <span>

namespace pbert::cli {

class CommandLine;

// What the command is for, in --help and in the manual page.
inline constexpr char kPurpose[] =
    "Turns a checkpoint of the BERT family into one int8 file and answers texts with it, on the device.";

struct Command {
  const char* name;
  const char* summary;
  int (*run)(CommandLine& line);
};

// All of them, as --help lists them.
std::span<const Command> Commands();

int BuildCommand(CommandLine& line);
int LintCommand(CommandLine& line);
int ConvertCommand(CommandLine& line);
int RunCommand(CommandLine& line);
int TokenizeCommand(CommandLine& line);
int InspectCommand(CommandLine& line);
int EvalCommand(CommandLine& line);
int CompareCommand(CommandLine& line);
int BenchCommand(CommandLine& line);
int DoctorCommand(CommandLine& line);
int ChatCommand(CommandLine& line);
int SimilarityCommand(CommandLine& line);
int SearchCommand(CommandLine& line);
int RerankCommand(CommandLine& line);

}  // namespace pbert::cli

#endif  // POCKETBERT_PLATFORMS_CLI_COMMANDS_H_
